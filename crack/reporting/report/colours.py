"""The colours of a report, in both formats: those of the dashboard, and of the signs.

The names of the properties are those of the style sheet.
"""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "panel": "#f0f2f2",
    "text": "#20292e",
    "faint": "#5a656b",
    "line": "#cdd4d6",
    "accent": "#0b6670",
    "crack": "#b84600",
    "review": "#8a6000",
    "none": "#5a656b",
}
"""On white paper: of the PDF, and of the HTML when it is printed."""

DARK = {
    "paper": "#111618",
    "panel": "#1d2529",
    "text": "#e4e9eb",
    "faint": "#a3aeb3",
    "line": "#3d494f",
    "accent": "#5fbcc6",
    "crack": "#f0935c",
    "review": "#e0b040",
    "none": "#a3aeb3",
}
"""Of the HTML on a screen set to dark."""
