"""The listening end of the link."""
