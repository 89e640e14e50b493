"""memdsl: a spreadsheet-style modelling language for networks and the memories of inference hardware."""

__version__ = "0.1.0"
