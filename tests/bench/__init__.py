"""Measures how soon an answer begins and what listening costs, beside others' software."""
