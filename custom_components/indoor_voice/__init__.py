"""A voice assistant for the home that keeps what you say indoors."""
