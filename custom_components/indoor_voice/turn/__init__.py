"""One turn: an exchange between a satellite and Home Assistant's pipeline."""
