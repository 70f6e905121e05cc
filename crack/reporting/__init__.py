"""Answers in the forms for users: figures, tables, words and reports.

Nothing is measured or decided here. Widgets are in `pages`, and the tables that the
command line prints in `crack.cli.output`.
"""
