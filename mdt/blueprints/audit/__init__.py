"""The audit trail: read, filtered, checked, exported."""
