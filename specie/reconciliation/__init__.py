"""Reconciliation: statements of providers and banks matched with the ledger accounts they speak of.

Owns sources, statement lines, matches and exceptions. Matching posts: what is confirmed leaves the source's account,
so that its balance is at any time the sum of its open items.
"""
