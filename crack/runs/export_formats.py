"""The formats a model can be exported to; `crack.model.export` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict, get_args

ExportFormat = Literal["keras", "tflite", "openvino", "onnx"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

RUNTIMES: dict[ExportFormat, str] = {
    "keras": "Keras",
    "tflite": "TensorFlow Lite",
    "openvino": "OpenVINO",
    "onnx": "ONNX Runtime",
}
"""What a file of each format is loaded by to compare it with the model."""


class Difference(TypedDict):
    """How far an exported file is from the model it was made of.

    Attributes:
        largest_difference: Of the probability of a class, over all images, between
            the file and the Keras model.
        from_this_program: The same between the file and the graph that answers here,
            whose weights may be of half precision.
        images: How many were compared.
        dataset: Where they are from.
        runtime: That answered for the exported file.
    """

    largest_difference: float
    from_this_program: float
    images: int
    dataset: str
    runtime: str


MOST_DIFFERENCE = 0.001
"""In a probability, up to which an exported file counts as the same model."""


def is_close(found: Difference) -> bool:
    """Return whether an exported file answers as the model does."""
    return found["largest_difference"] <= MOST_DIFFERENCE
