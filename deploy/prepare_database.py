"""Creates or repairs the roles, the database and the schemas on a PostgreSQL server. Safe to repeat.

Reads SPECIE_SUPER_URL (a superuser on any database of the server) and one password per role:
SPECIE_OWNER_PASSWORD, SPECIE_APP_PASSWORD, SPECIE_SYSTEM_PASSWORD, SPECIE_AUDITOR_PASSWORD.
Nothing else ever connects as the superuser.
"""

import os

from specie.platform.postgres_roles import ROLES, bootstrap


def main() -> None:
    """Prepares the server named by the environment. Raises KeyError for a variable that is missing."""
    passwords = {role: os.environ[f"{role.upper()}_PASSWORD"] for role in ROLES}
    bootstrap(os.environ["SPECIE_SUPER_URL"], database="specie", passwords=passwords)


if __name__ == "__main__":
    main()
