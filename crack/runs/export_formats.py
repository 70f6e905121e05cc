"""The formats a model can be exported to; `crack.model.export` writes them."""

from __future__ import annotations

from typing import Literal, get_args

ExportFormat = Literal["keras", "tflite", "openvino", "onnx"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
