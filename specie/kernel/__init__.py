"""Pure building blocks without any I/O: money, ids, clock, scope, permissions, errors, pages."""
