"""Inspections: the answers for an element's photos, and what an engineer made of them.

They are kept in a database (ADR 0014); the photos are files beside it.
"""
