"""The register of tumours: import, lists, one row, and what is not yet discussed."""
