"""memdsl: a spreadsheet-style modelling language for networks and the memories of inference hardware."""
