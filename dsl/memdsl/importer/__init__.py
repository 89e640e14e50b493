"""A network's own file, read as data, and written as the `.mem` text that a person would have written."""
