"""Alarms, which ring on the satellite at a time of day, with Home Assistant and without it."""
