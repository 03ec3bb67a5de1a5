"""The WebSocket commands of the panel."""
