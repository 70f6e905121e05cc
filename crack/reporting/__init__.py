"""Answers in the forms for users: figures, tables, words and reports."""
