"""Hilogate: QRIS, known from public client code only."""
