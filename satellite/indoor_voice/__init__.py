"""Indoor Voice: the room satellite and the speech server."""
