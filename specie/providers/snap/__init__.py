"""SNAP: the national standard of Indonesia, as a base and for providers that follow it closely."""
