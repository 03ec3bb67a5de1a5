"""The people and rooms of a household, and the thread that keeps and deletes its recordings."""
