"""Slides of a case: their list, their tiles, and what is done to them."""
