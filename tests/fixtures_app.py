"""Fixtures of the app: database, clients, people."""
