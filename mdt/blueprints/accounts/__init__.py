"""Signing in and out, language, and one's own account."""
