"""The device's identity, the peer that it trusts, and how Home Assistant pairs with it."""
