"""The wire to satellites and speech servers."""
