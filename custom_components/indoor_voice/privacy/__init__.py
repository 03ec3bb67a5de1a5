"""Decide what is kept and who may hear it, and store it. No Home Assistant, no network.

`Household` is the only interface. Behind it are the people and rooms (`people`), their consents
and the rules that follow (`consent`), the one place that hands out and deletes recordings
(`door`), and the file with the sealed recordings and the ledger (`store`).
"""
