"""Exports a trained network to files that need no TensorFlow, and other formats."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import keras

from crack import storage
from crack.disk_space import check_space, check_writable, size_of
from crack.errors import CrackError
from crack.inference.card import CARD_FILE
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import GRAPH_FILE
from crack.model.activations import save_graph
from crack.model.classifier import backbone_of, build_backbone, freeze_point
from crack.runs.backbones import IMPORTED, Backbone, find_backbone
from crack.runs.export_formats import EXPORT_FORMATS, ExportFormat
from crack.runs.registry import Model

KERAS_FILE = "model.keras"


def write_model(
    model: keras.Sequential, row: Backbone, crack_index: int, folder: Path
) -> None:
    """Write the network as Keras file and as OpenVINO graph into a model folder.

    Args:
        model: The full network.
        row: Its backbone.
        crack_index: Position of the crack class among the outputs.
        folder: Gets `model.keras`, `graph.xml` and `graph.bin`.
    """
    model.save(folder / KERAS_FILE)
    save_graph(inference_graph(model, row, crack_index), folder / GRAPH_FILE)


def write_imported(model: keras.Sequential, crack_index: int, folder: Path) -> None:
    """Write a network as of `crack.model.foreign.Foreign.classifier`.

    Args:
        model: The network.
        crack_index: Position of the crack class among the outputs.
        folder: Gets `model.keras`, `graph.xml` and `graph.bin`.
    """
    model.save(folder / KERAS_FILE)
    save_graph(imported_graph(model, crack_index), folder / GRAPH_FILE)


def imported_graph(model: keras.Sequential, crack_index: int) -> keras.Model:
    """Return the same as `inference_graph` for a network that was imported.

    Which of its layers learned is not known, so the moments are those of its features.
    """
    image = keras.Input((None, None, 3), name="image")
    features = model.layers[0](image)
    return _graph(image, features, _moments(features, 1), model.layers[-1], crack_index)


def inference_graph(
    model: keras.Sequential, row: Backbone, crack_index: int
) -> keras.Model:
    """Return the network for images of any size, with all that a photo is judged by.

    The head is a mean over places followed by a linear layer, so the same layer applied
    at every place gives a map whose mean is the log-odds (Zhou et al. 2016, CVPR,
    "Learning deep features for discriminative localization").

    Returns:
        RGB 0 to 255 (n, h, w, 3) to probabilities (n, 2), log-odds of the crack class
        (n, h/stride, w/stride), features (n, h/stride, w/stride, channels), and the
        moments by which a photo is told from the training images (n, h/stride,
        w/stride, 2 x channels of the layer below the first that trains): the mean of
        that layer, and of its square.
    """
    backbone = build_backbone(row, None)
    backbone.set_weights(backbone_of(model).get_weights())
    rescaling, *_, head = model.layers
    image = keras.Input((None, None, 3), name="image")
    below = freeze_point(backbone, row.fine_tune_at)
    middle, features = keras.Model(
        backbone.input, [backbone.layers[below].output, backbone.output]
    )(rescaling(image))
    moments = _moments(middle, _places_per_cell(model, below))
    return _graph(image, features, moments, head, crack_index)


def _graph(
    image: keras.KerasTensor,
    features: keras.KerasTensor,
    moments: keras.KerasTensor,
    head: keras.layers.Dense,
    crack_index: int,
) -> keras.Model:
    probabilities = head(keras.layers.GlobalAveragePooling2D()(features))
    kernel, bias = head.get_weights()
    at_each_place = keras.layers.Dense(1, name="activation_map")
    activation_map = at_each_place(features)
    other = 1 - crack_index
    at_each_place.set_weights(
        [
            kernel[:, crack_index : crack_index + 1] - kernel[:, other : other + 1],
            bias[crack_index : crack_index + 1] - bias[other : other + 1],
        ]
    )
    without_channel = keras.ops.squeeze(activation_map, axis=-1)
    return keras.Model(image, [probabilities, without_channel, features, moments])


def _moments(middle: keras.KerasTensor, side: int) -> keras.KerasTensor:
    """Return mean and mean square of a layer over cells of side x side places."""
    pool = keras.layers.AveragePooling2D(side)
    both = [pool(middle), pool(keras.ops.square(middle))]
    return keras.layers.Concatenate()(both)


def _places_per_cell(model: keras.Sequential, layer: int) -> int:
    """Return how many places of a layer, per side, one place of the map stands for."""
    trained = backbone_of(model)
    return int(trained.layers[layer].output.shape[1] // trained.output.shape[1])


def export_model(model: Model, wanted: ExportFormat, out: Path) -> None:
    """Write a model to `out` in a format that other programs read.

    keras: one file, probabilities only. openvino: a folder with the graph of four
    outputs and the card. tflite and onnx: one file with the four outputs, for images
    of the model's size.

    Raises:
        CrackError: `out` exists already or has no fitting suffix, or there is no such
            format.
    """
    if wanted not in EXPORT_FORMATS:
        raise CrackError(
            f"There is no export format '{wanted}'.",
            f"Choose one of: {', '.join(EXPORT_FORMATS)}.",
        )
    if out.exists():
        raise CrackError(f"{out} exists already.", "Choose another name.")
    if wanted == "keras" and out.suffix != ".keras":
        raise CrackError(
            f"Keras does not read a file named {out.name}.",
            "Choose a name that ends in .keras.",
        )
    check_writable(out.parent, f"the file {out.name}")
    # No format is larger than the weights in single precision, which Keras keeps.
    check_space(out.parent, size_of(model.folder), f"The file {out.name}")
    out.parent.mkdir(parents=True, exist_ok=True)
    if wanted == "openvino":
        with storage.new_folder(out) as folder:
            # Not a copy: a model may come with weights of half precision there.
            save_graph(_graph_of(model), folder / GRAPH_FILE)
            for name in (CARD_FILE, OOD_FILE):
                shutil.copyfile(model.folder / name, folder / name)
        return
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        partial = Path(scratch) / f"model.{wanted}"
        if wanted == "keras":
            shutil.copyfile(model.folder / KERAS_FILE, partial)
        else:
            _convert(model, wanted, partial)
        partial.replace(out)


def _graph_of(model: Model) -> keras.Model:
    card = model.card
    network = keras.models.load_model(model.folder / KERAS_FILE, safe_mode=True)
    crack_index = card.class_names.index(card.crack_class)
    if card.backbone == IMPORTED:
        return imported_graph(network, crack_index)
    return inference_graph(network, find_backbone(card.backbone), crack_index)


def _convert(model: Model, wanted: ExportFormat, out: Path) -> None:
    size = model.card.image_size
    image = keras.Input((size, size, 3), name="image")
    fixed = keras.Model(image, _graph_of(model)(image))
    fixed(keras.ops.zeros((1, size, size, 3)))  # ONNX needs a called model
    fixed.export(out, format="litert" if wanted == "tflite" else wanted, verbose=False)
