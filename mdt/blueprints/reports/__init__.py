"""Reports of coverage: page, JSON, CSV, XLSX, and the tumours behind each figure."""
