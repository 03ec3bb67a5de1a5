"""The database file of a household: sealed recordings, consents and the ledger."""
