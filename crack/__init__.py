"""Concrete-crack classification by transfer learning: the core behind both doors.

The Streamlit pages and the command line call this package and nothing else. It never
imports Streamlit, and only `crack.model` and `crack.training` import TensorFlow.
"""

__version__ = "0.1.0"
