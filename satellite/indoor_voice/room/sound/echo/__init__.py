"""Removes from the microphone's sound what the satellite itself plays."""
