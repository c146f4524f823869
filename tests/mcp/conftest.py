"""A platform for this folder's assistants."""

from tests.support.site import site

__all__ = ["site"]
