"""Reading again before the conference: the list, and what is said of each case."""
