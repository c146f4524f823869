"""Notifications: what people want to hear of what happened, in the console, by e-mail and by Telegram.

Owns notices (once for each event and person), the choices of each person, messages on their way and how far each feed
has been read. The routes are in `specie.notifications.routes`; the worker runs `look` in a loop.
"""

from specie.notifications.invariants import INVARIANTS
from specie.notifications.jobs import look
from specie.notifications.telegram import Telegram

__all__ = ["INVARIANTS", "Telegram", "look"]
