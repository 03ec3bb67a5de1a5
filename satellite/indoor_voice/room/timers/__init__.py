"""Timers, which count and ring on the satellite, with Home Assistant and without it."""
