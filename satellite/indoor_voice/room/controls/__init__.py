"""Buttons, keys and the lamp of a satellite."""
