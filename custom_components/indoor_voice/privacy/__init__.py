"""People, consent, rules, sealing, recordings and the ledger; no Home Assistant, no network."""
