"""Doors for HTTP: one package for each feature, with its views and forms."""
