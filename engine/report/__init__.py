"""Tear sheets: what happened in a run, as pictures and figures people look at."""

from .page import tear_sheet_html
from .picture import tear_sheet_png
from .sheet import Sheet

__all__ = ["Sheet", "tear_sheet_html", "tear_sheet_png"]
