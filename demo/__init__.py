"""A house without hardware: a virtual room, a real Home Assistant, a satellite and a speech server.

The demo shows it to a newcomer; the journey tests and the benchmark stand on the same parts.
"""
