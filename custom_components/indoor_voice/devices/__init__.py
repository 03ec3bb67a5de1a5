"""The paired devices: satellites and speech servers."""
