"""The Indoor Voice satellite and speech server."""
