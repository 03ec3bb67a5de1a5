"""What anyone in a room may say about recordings."""
