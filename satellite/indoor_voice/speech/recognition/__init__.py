"""Speech recognition and end-of-speech detection."""
