"""Netzme: SNAP with paths and a text form of its own."""
