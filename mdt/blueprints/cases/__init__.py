"""Cases: list, search, form, submission, the case page."""
