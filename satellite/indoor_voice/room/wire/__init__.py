"""The satellite's Wyoming events, and its controller."""
