"""A door for programs: the answers of the dashboard over HTTP (ADR 0026).

FastAPI comes with `requirements-serve.txt`. Nothing else in `crack` imports this, and
nothing here imports TensorFlow.
"""
