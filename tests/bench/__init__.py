"""Compares latency and the cost of listening with software of other vendors."""
