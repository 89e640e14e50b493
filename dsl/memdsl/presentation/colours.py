"""The colours of charts, which mean the same on the page, on paper and in the workbook."""

from __future__ import annotations

SERIES = ("#1b4965", "#e07a1f", "#9cc5e0", "#5b8c5a", "#c9b458", "#7d5ba6", "#8c8c8c")
"""Of the series of a chart, in turn; what computes has the first, what memory bounds the second."""
