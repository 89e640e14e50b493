"""The helpers that make and edit workbooks stand with the tests of the workbook."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "excel"))
