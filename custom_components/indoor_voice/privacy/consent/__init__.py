"""Consents, the administrator's ceilings, and the rules that follow from both. Pure functions."""
