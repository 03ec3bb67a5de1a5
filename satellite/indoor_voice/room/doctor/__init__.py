"""The satellite's self-test: each part is tried, and what does not work has a next step."""
