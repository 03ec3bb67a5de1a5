"""The file that holds what a household keeps: sealed recordings, consents and the ledger."""
