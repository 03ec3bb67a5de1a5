"""The Assist pipeline: which engines it uses, whether they are in the house, and what it says."""
