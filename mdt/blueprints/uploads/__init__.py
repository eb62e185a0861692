"""Files sent in parts: the tus protocol 1.0, for each case."""
