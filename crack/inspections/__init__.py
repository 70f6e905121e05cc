"""Inspections: the answers for an element's photos, and an engineer's verdicts on them.

They are kept in a database (ADR 0014); the photos are files beside it. Pages call
`store`, `verdicts`, `history` and `verdict_export`, and see only `records`: rows of the
`schema` do not leave this package. Reports are made in `crack.reporting`.
"""
