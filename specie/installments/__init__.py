"""Installments: plans, orders, collection and what ends them."""
