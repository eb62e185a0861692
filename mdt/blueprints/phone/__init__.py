"""Photographs from a phone: the code on a doctor's screen, and the page that it opens."""
