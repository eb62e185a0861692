"""The live room's page, and its events over HTTP."""
