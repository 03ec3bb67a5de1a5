"""Measures how well a disguise hides who speaks."""
