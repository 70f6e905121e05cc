"""Inspections: the answers for an element's photos, and an engineer's verdicts on them.

They are kept in a database (ADR 0014); the photos are files beside it.
"""
