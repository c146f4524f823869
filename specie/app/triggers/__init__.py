"""Events caused in a sandbox."""
