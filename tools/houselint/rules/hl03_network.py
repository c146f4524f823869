"""HL3: the network is reached only through the guarded clients of the platform."""

from collections.abc import Iterator

from tools.houselint.core import Project, dotted, method, receiver

CODE = "HL3"
ALLOWED = (
    "specie/assay/*",  # An outside party: it shares nothing with the service.
    "specie/platform/outbound*.py",
    "specie/platform/mail*.py",
    "specie/platform/storage*.py",
    "specie/platform/postgres*.py",  # Looks for a free local port.
    "specie/app/cli*",
    "specie/app/triggers/*",  # Speaks to this very application inside the process; no connection is opened.
)
CLIENTS = (
    *("aiohttp", "httpcore2", "httpx", "httpx2", "http.client", "requests", "urllib.request", "urllib3"),
    *("aiosmtplib", "smtplib", "ftplib", "websockets", "boto3", "obstore"),
)
CONNECTS = ("socket.create_connection", "asyncio.open_connection", "socket.socket")


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds imports of network clients and direct socket use."""
    for file in project.python("specie/*"):
        if file.matches(*ALLOWED):
            continue
        for line, name in file.imported_modules():
            if any(name == client or name.startswith(f"{client}.") for client in CLIENTS):
                yield file.path, line, _advice(name)
        for call in file.calls():
            if dotted(call.func) in CONNECTS or (method(call) == "connect" and receiver(call) in ("sock", "socket")):
                yield file.path, call.lineno, _advice(dotted(call.func))


def _advice(what: str) -> str:
    return f"{what} opens its own connection: use platform.outbound, platform.mail or platform.storage"
