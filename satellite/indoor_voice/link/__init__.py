"""The device's end of the link to Home Assistant."""
