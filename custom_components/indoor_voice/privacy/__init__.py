"""People, consent, rules, sealing, clips and the ledger; knows neither Home Assistant nor a network."""
