"""A house without hardware: a virtual room, a real Home Assistant, a satellite and a speech server.

The demo, the journey tests and the benchmark share these modules.
"""
