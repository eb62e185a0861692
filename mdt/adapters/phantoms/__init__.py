"""Pictures of patients who do not exist, made by formulas for the demonstration data."""
