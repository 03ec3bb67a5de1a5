"""WebSocket commands that the panel uses."""
