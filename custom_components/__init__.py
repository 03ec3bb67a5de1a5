"""Custom components of Home Assistant."""
