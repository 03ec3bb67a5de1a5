"""The wire to Home Assistant, as it is served."""
