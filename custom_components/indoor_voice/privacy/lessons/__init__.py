"""What the household has approved to be learned from recordings, and how that is taken back."""
