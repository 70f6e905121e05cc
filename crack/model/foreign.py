"""A Keras classifier made elsewhere, taken apart into what this program needs.

Nothing in the file is run: before Keras loads it in its safe mode, every layer is
looked up in the description and must be one of Keras itself.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from crack.errors import CrackError
from crack.runs.imports import PIXEL_RANGES, PixelRange

_SCALE = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}
_CODE = ("Lambda", "TFSMLayer")
_ONE_SIZE = ("Resizing", "CenterCrop", "Flatten")
_SCALING = ("Rescaling", "Normalization", "TrueDivide")
_WANTED = (
    "A classifier of two classes for colour images is wanted that ends in "
    "GlobalAveragePooling2D, perhaps Dropout, and Dense with 2 softmax outputs or 1 "
    "sigmoid output"
)


@dataclass(frozen=True)
class Foreign:
    """The parts of a classifier.

    Attributes:
        features: From images of any size, values 0 to 255, to features at each place.
        kernel: float32 array (channels, 2), to the two outputs.
        bias: float32 array (2,).
        side: Of the images it was made for in px, None if it takes any.
    """

    features: keras.Model
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    side: int | None

    def classifier(self, side: int) -> keras.Sequential:
        """Return the whole as a model of this program: features, mean, head.

        Args:
            side: Of the images in px.

        Raises:
            CrackError: The features are not evenly spaced at this size.
        """
        for each in (side, 2 * side):
            places = self.features.compute_output_shape((1, each, each, 3))[1]
            if places is None or each % places or each // places != self._stride(side):
                raise CrackError(
                    "The places of the features must lie a fixed number of pixels "
                    f"apart; {each} px give {places} of them.",
                    "Give another size with --image-size, such as a multiple of 32.",
                )
        head = keras.layers.Dense(2, activation="softmax")
        whole = keras.Sequential(
            [
                keras.Input((side, side, 3)),
                self.features,
                keras.layers.GlobalAveragePooling2D(),
                head,
            ]
        )
        head.set_weights([self.kernel, self.bias])
        return whole

    def _stride(self, side: int) -> int:
        places = self.features.compute_output_shape((1, side, side, 3))[1]
        return int(side // places)


def read_foreign(file: Path, pixels: PixelRange | None) -> Foreign:
    """Read a classifier from a `.keras` file.

    Args:
        file: As Keras saves it.
        pixels: Values it was trained on; None if it scales its input itself.

    Raises:
        CrackError: It cannot be read, contains code, or is of another kind.
    """
    described = list(_layers(_description(file)))
    for layer in described:
        name, module = layer["class_name"], str(layer.get("module") or "")
        own = layer.get("registered_name") and module.partition(".")[0] != "keras"
        if own or name in _CODE:
            raise _refused(f"It contains the layer '{name}', which brings its own code")
        if name in _ONE_SIZE:
            raise _refused(f"It contains {name}, which fixes the size of its images")
    if pixels is None and not any(each["class_name"] in _SCALING for each in described):
        raise CrackError(
            "The model does not scale the pixels of its images itself, so it must be "
            "said which values it was trained on.",
            f"Choose one of: {', '.join(PIXEL_RANGES)} (--pixels).",
        )
    try:
        model = keras.models.load_model(file, compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, OSError, AttributeError) as error:
        first, *_ = str(error).strip().splitlines() or [repr(error)]
        raise CrackError(f"Keras cannot read {file.name}: {first}") from error
    return _taken_apart(model, pixels)


def _description(file: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            content: dict[str, Any] = json.loads(archive.read("config.json"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CrackError(
            f"{file.name} is not a .keras file as Keras 3 saves it.",
            "Save the model with model.save('name.keras').",
        ) from error
    return content


def _layers(described: object) -> Iterator[dict[str, Any]]:
    """Yield the description of everything that Keras would make, at any depth."""
    if isinstance(described, dict):
        if "class_name" in described:
            yield described
        for value in described.values():
            yield from _layers(value)
    elif isinstance(described, list):
        for value in described:
            yield from _layers(value)


def _taken_apart(model: keras.Model, pixels: PixelRange | None) -> Foreign:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise _refused(
            f"It has {len(model.inputs)} inputs, {len(model.outputs)} outputs"
        )
    shape = model.inputs[0].shape
    if len(shape) != 4 or shape[-1] != 3:
        raise _refused(f"Its input has the shape {tuple(shape)}")
    *body, head = model.layers
    while body and isinstance(body[-1], keras.layers.Dropout):
        body.pop()
    if not body or not isinstance(body[-1], keras.layers.GlobalAveragePooling2D):
        came = type(body[-1]).__name__ if body else "nothing"
        raise _refused(f"Before its last layer comes {came}")
    kernel, bias = _head_weights(head)
    any_size = _for_any_size(model)
    pooling = any_size.get_layer(body[-1].name)
    features = keras.Model(any_size.inputs, pooling.input)
    image = keras.Input((None, None, 3))
    scale, offset = _SCALE[pixels or "0..255"]
    scaled = keras.layers.Rescaling(scale, offset)(image)
    return Foreign(
        features=keras.Model(image, features(scaled), name="features"),
        kernel=kernel,
        bias=bias,
        side=shape[1] if shape[1] == shape[2] else None,
    )


def _head_weights(
    head: keras.layers.Layer,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return kernel and bias for two softmax outputs."""
    if not isinstance(head, keras.layers.Dense):
        raise _refused(f"Its last layer is {type(head).__name__}")
    told = head.activation.__name__
    if (head.units, told) not in ((2, "softmax"), (1, "sigmoid")):
        raise _refused(f"Its last layer has {head.units} outputs with {told}")
    kernel, *rest = (np.asarray(weight) for weight in head.get_weights())
    bias = rest[0] if rest else np.zeros(head.units, np.float32)
    if head.units == 1:  # a sigmoid is the softmax of the score and 0
        kernel = np.concatenate([np.zeros_like(kernel), kernel], axis=1)
        bias = np.concatenate([np.zeros_like(bias), bias])
    return kernel, bias


def _for_any_size(model: keras.Model) -> keras.Model:
    """Return a copy of a model that takes images of any size."""
    try:
        copied = type(model).from_config(_without_size(model.get_config()))
        copied.set_weights(model.get_weights())
    except (ValueError, TypeError) as error:
        first = str(error).strip().splitlines()[0]
        raise _refused(f"It works at one size of images only ({first})") from error
    return copied


def _without_size(described: Any) -> Any:
    """Return a description in which the input of every model is of any size."""
    if isinstance(described, list | tuple):
        if len(described) == 4 and described[0] is None and described[3] == 3:
            return (None, None, None, 3)
        return type(described)(_without_size(value) for value in described)
    if isinstance(described, dict):
        return {key: _without_size(value) for key, value in described.items()}
    return described


def _refused(came: str) -> CrackError:
    return CrackError(
        f"This model cannot be used. {came}.", f"{_WANTED}; see README.md."
    )
