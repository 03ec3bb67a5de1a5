"""Who agreed to what, and the rules that follow from it; pure."""
