"""What is allowed, what follows, what is complete: pure functions over frozen values."""
