"""The simulator, a payment provider to try things with: an HTTP service with its own book, and its adapter."""
