"""Weights of a backbone as one small file of float16 arrays, to ship with the program.

The keys are `<layer name>/<variable name>`, such as `Conv1/kernel`. The file may also
have the head that the backbone was trained with: `crack_head/kernel` and
`crack_head/bias` turn the mean of the features over an image into the log-odds of a
crack.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from crack import storage
from crack.errors import CrackError

_KERNEL, _BIAS = "crack_head/kernel", "crack_head/bias"

_TOLERANCE = 2**-10  # of the largest value; float16 itself can lose half of it


def save_weights(
    backbone: keras.Model, head: tuple[NDArray[np.floating], float] | None, path: Path
) -> None:
    """Write the weights of a backbone to `path`, replacing an earlier file.

    Args:
        backbone: Without its top.
        head: Kernel (features,) and bias that give the log-odds of a crack, or None.
        path: Of the `.npz` file; its folder is made if needed.

    Raises:
        CrackError: A value is not finite or too large for float16, or a whole kernel
            is too small for it.
    """
    # Not weight.numpy(): with another Keras backend it may be on a GPU.
    arrays = {
        key: keras.ops.convert_to_numpy(weight)
        for key, weight in _weights_of(backbone).items()
    }
    if head is not None:
        arrays |= {_KERNEL: head[0], _BIAS: np.asarray(head[1])}
    content = {key: _rounded(key, array) for key, array in arrays.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)  # type: ignore[arg-type]
    path.parent.mkdir(parents=True, exist_ok=True)
    storage.write_bytes(path, buffer.getvalue())


def load_weights(backbone: keras.Model, path: Path) -> None:
    """Give a backbone the weights that `save_weights` wrote.

    Raises:
        CrackError: The file is missing or damaged, or belongs to another network.
    """
    weights, arrays = _weights_of(backbone), _read(path)
    wanted = {key: tuple(weight.shape) for key, weight in weights.items()}
    found = {key: array.shape for key, array in arrays.items()}
    if wanted != {key: found[key] for key in found if key not in (_KERNEL, _BIAS)}:
        raise CrackError(
            f"The weights in {path} belong to another network than {backbone.name}.",
            "Restore the file as it came with the program.",
        )
    for key, weight in weights.items():
        weight.assign(arrays[key].astype(weight.dtype))


def load_crack_head(path: Path) -> tuple[NDArray[np.float32], float]:
    """Return the head that the backbone was trained with.

    Returns:
        Kernel (features,) and bias: features @ kernel + bias are the log-odds of a
        crack.

    Raises:
        CrackError: The file is missing or damaged, or has no head.
    """
    arrays = _read(path)
    kernel, bias = arrays.get(_KERNEL), arrays.get(_BIAS)
    if kernel is None or bias is None or (kernel.ndim, bias.ndim) != (1, 0):
        raise CrackError(
            f"The weights in {path} have no crack head.",
            "Restore the file as it came with the program.",
        )
    return kernel.astype(np.float32), float(bias)


def _weights_of(backbone: keras.Model) -> dict[str, keras.Variable]:
    return {
        f"{layer.name}/{weight.name}": weight
        for layer in backbone.layers
        for weight in layer.weights
    }


def _rounded(key: str, array: NDArray[np.floating]) -> NDArray[np.float16]:
    with np.errstate(over="ignore"):
        rounded = array.astype(np.float16)
    if not np.isfinite(rounded).all():
        raise CrackError(
            f"The weights {key} are not finite or beyond 65504, the end of float16.",
            "The training that made them diverged.",
        )
    # Below 6e-5 float16 is off by up to 3e-8. That is nothing to a mean, an offset or a
    # variance, to which BatchNorm adds 1e-3; but a whole kernel may be that small.
    largest = np.abs(array).max()
    error = np.abs(rounded.astype(np.float64) - array).max()
    if key.endswith("/kernel") and error > _TOLERANCE * largest:
        raise CrackError(
            f"The weights {key} are all too small for float16: the largest is "
            f"{largest:.1e}.",
            "Train with another initialisation or less weight decay.",
        )
    return rounded


def _read(path: Path) -> dict[str, NDArray[np.float16]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return dict(archive)
    except FileNotFoundError as error:
        raise CrackError(
            f"The embedded weights {path} are missing.",
            "Restore the folder 'models' as it came with the program, or choose the "
            "ImageNet backbone (on the command line: --backbone imagenet).",
        ) from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise CrackError(
            f"The weights in {path} are damaged.",
            "Restore the file as it came with the program.",
        ) from error
