"""The home page: what I must do, by urgency."""
