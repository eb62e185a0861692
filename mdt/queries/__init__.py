"""Every SELECT, cut down to what the viewer may see."""
