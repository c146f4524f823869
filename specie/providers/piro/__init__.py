"""Piro: a balance to look at; no way to collect is documented."""
