"""Concrete-crack classification by transfer learning.

The Streamlit pages and the command line call this package and nothing else. It never
imports Streamlit, and only `crack.model` and `crack.training` import TensorFlow.
"""

import os
import sys

__version__ = "0.1.0"

# Importing OpenVINO, and every conversion by it, would report to an analytics service
# and write to ~/intel, and the switch for that is a file outside this program. A module
# that is None cannot be imported; without this one OpenVINO has no means to report.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

# ONNX Runtime would write a device id to ~/.cache and upload events from its first
# import on; read before that, this is its full opt-out on Linux and macOS.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
