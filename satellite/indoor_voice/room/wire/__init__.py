"""The satellite's events on the wire, and its controller."""
