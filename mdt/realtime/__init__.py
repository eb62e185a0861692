"""Doors for sockets."""
