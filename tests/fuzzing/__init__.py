"""Campaigns of `make fuzz`: each draws input of one sort, and says what is wrong with how it was taken."""
