"""What is paired with Home Assistant: satellites and speech servers."""
