"""What the hospital's PACS sent, beside a case that may take it."""
