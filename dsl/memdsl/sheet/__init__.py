"""The hub of the road: formulas, cells, tables and claims that every branch reads."""
