"""A webhook endpoint with nothing but the standard library."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from specie_client import webhooks


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is genuine, and 400 to the rest."""

    def do_POST(self) -> None:
        """Check the raw bytes before anything else."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            message = webhooks.verify(body, dict(self.headers), os.environ["SPECIE_WEBHOOK_SECRET"])
        except webhooks.NotGenuine:
            self.send_response(400)
        else:
            print(message["type"], message["data"])
            self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 3000), Receiver).serve_forever()
