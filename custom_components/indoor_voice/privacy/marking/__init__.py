"""Marks the words of a recording that may be critical: numbers, codes, health and distress.

It looks for patterns in the text. It is a help for those who listen, and no protection.
"""
