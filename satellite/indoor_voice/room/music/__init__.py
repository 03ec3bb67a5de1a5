"""Plays music below everything else that a satellite plays, with the extra `music`."""
