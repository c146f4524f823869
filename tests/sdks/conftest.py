"""A platform for this folder's clients."""

from tests.support.site import site

__all__ = ["site"]
