"""Measures whether reviews pay back, in a simulated household that teaches its assistant."""
