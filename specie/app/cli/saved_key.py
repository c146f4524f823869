"""The API key that `specie login` keeps for the commands that talk to a platform, readable by its owner alone."""

import json
import os
from pathlib import Path

from specie.platform.config import SettingsInvalid


def place() -> Path:
    """The file: below XDG_CONFIG_HOME, else in the home folder."""
    folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder) / "specie" / "login.json"


def read() -> dict[str, str]:
    """`url` and `key`; empty when nobody has logged in. Raises SettingsInvalid for a file that is not ours."""
    try:
        kept = json.loads(place().read_text(encoding="utf-8"))
        return {"url": str(kept["url"]), "key": str(kept["key"])}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsInvalid(f"{place()} is not what `specie login` wrote; run it again") from error


def write(url: str, key: str) -> Path:
    """Keep the key; a file that was there is replaced as a whole."""
    file = place()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    # Made private from the start: a key readable by others for a moment has been read.
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"url": url, "key": key}, out)
    unfinished.replace(file)
    return file


def forget() -> bool:
    """Delete it; whether there was one."""
    try:
        place().unlink()
    except FileNotFoundError:
        return False
    return True
