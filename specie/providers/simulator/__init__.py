"""The simulator: a payment provider to try things with, a separate HTTP service with a book of its own, and its adapter."""
