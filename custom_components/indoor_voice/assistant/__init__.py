"""The Assist pipeline: the engines it uses, whether they run in the house, and its phrases."""
