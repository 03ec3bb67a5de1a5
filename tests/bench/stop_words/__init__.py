"""Makes the model for the stop word; see docs/decisions/stop-word.md."""
