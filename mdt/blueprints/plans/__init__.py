"""A case's opinion: written, sent out, signed, amended, printed."""
