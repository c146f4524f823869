"""Prints a `.env` for `compose.yaml` with fresh secrets: `python3 deploy/new_env.py > .env`.

Keep the file: whoever has it can read the sealed data, and without it nobody can.
"""

import base64
import secrets

PASSWORDS = (
    "POSTGRES_PASSWORD",
    "SPECIE_OWNER_PASSWORD",
    "SPECIE_APP_PASSWORD",
    "SPECIE_SYSTEM_PASSWORD",
    "SPECIE_AUDITOR_PASSWORD",
)
PLAIN = {
    # Demo data and the simulator, to try things with. Webhooks may then reach the inner network, where the simulated
    # shop is. In production take both lines out.
    "COMPOSE_PROFILES": "demo",
    "SPECIE_PRIVATE_TARGETS": "true",
    # In production this is `production`, and the address begins with https://.
    "SPECIE_ENVIRONMENT": "development",
    "SPECIE_BASE_URL": "http://localhost:8080",
    "SPECIE_HTTP_PORT": "8080",
}


def settings() -> dict[str, str]:
    """Every variable `compose.yaml` asks for, secrets made anew at each call."""
    # Hexadecimal, because the passwords also stand in URLs.
    passwords = {name: secrets.token_hex(24) for name in PASSWORDS}
    keys = {
        name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("SPECIE_SECRET_KEY", "SPECIE_MASTER_KEY")
    }
    return PLAIN | passwords | keys


if __name__ == "__main__":
    print("\n".join(f"{name}={value}" for name, value in settings().items()))
