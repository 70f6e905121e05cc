"""The report as PDF: its typography, parts, story and pages.

Only the layout is here; the words come from `crack.reporting.report.content`.
"""
