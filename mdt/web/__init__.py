"""The door kit: guards, error pages, base form, template helpers, safe downloads."""
