"""The turn of a satellite as a state machine without I/O."""
