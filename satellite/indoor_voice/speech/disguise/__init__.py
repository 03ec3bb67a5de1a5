"""Disguises the voice in a recording."""
