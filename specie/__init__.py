"""Specie: one double-entry ledger under payments, wallets, payouts, invoices and stock."""

__version__ = "0.1.0"
