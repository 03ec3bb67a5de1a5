"""Fits the rules for wake words to labelled sound, and synthesises what is missing of it."""
