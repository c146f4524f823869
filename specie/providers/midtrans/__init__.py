"""Midtrans: its payment page Snap."""
