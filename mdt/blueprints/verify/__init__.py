"""For anybody with the paper in hand: whether it is valid, and whether a file is the one."""
