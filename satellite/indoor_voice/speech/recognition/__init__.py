"""Speech to text: end of speech and recognition."""
