"""The report as PDF: its typography, parts, story and pages."""
