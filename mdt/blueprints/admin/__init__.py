"""Places, people and accounts, as the system and the security administrator keep them."""
