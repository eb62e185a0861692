"""Doors for sockets: the same services as behind the pages."""
