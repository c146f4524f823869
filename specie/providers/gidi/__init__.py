"""Gidi: QRIS, known from help pages and public client code."""
