"""Who the device is, whom it trusts, and how a Home Assistant is paired with it."""
