"""Stripe: its Checkout page."""
