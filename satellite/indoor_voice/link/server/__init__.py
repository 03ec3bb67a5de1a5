"""The listening end of the link: admission, TLS, and pairing over a connection."""
