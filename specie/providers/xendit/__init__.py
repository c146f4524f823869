"""Xendit: its payment page."""
