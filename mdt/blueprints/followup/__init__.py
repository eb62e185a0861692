"""What the requesting hospital makes of an opinion, and how the patient does."""
