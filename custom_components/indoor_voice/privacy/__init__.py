"""People, consent, rules, sealing, clips and the ledger; without Home Assistant or a network."""
