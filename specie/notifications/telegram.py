"""The Bot API of Telegram, as far as notices need it: one POST."""

import json

from specie.platform.crashpoints import crash_point
from specie.platform.outbound import NoAnswer, OutboundClient

_HEADERS = {"Content-Type": "application/json"}


class NotTaken(Exception):
    """Telegram did not take the message. `permanent` says that trying again is useless."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Telegram:
    """Sends as the installation's bot. The token is part of the address, so the address is never logged or shown."""

    def __init__(self, outbound: OutboundClient, url: str, token: str) -> None:
        self._outbound = outbound
        self._url = f"{url.rstrip('/')}/bot{token}/sendMessage" if token else ""

    @property
    def is_on(self) -> bool:
        """Whether this installation has a bot."""
        return self._url != ""

    async def send(self, chat: str, text: str) -> None:
        """Send plain text to a chat, outside a unit of work. Raises NotTaken."""
        body = json.dumps({"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}).encode()
        crash_point("notifications.telegram.before")
        try:
            answer = await self._outbound.request(
                "POST",
                self._url,
                headers={"Content-Type": "application/json"},
                content=body,
                allow_private=True,
                label="telegram",
            )
        except NoAnswer as error:
            raise NotTaken(f"no answer: {error.reason}", permanent=False) from None
        if answer.status == 200:
            return
        # 429 asks for patience and 5xx is Telegram's own trouble; everything else stays wrong however often it is sent.
        raise NotTaken(f"status {answer.status}", permanent=answer.status != 429 and answer.status < 500)
