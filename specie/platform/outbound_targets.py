"""Where an outbound call may go: the form of a URL, and which addresses are reachable under which policy.

Everything here is pure. The form is checked when a URL is saved and again at each call; addresses are checked
after each resolution and once more on the connected socket.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import ClassVar

import httpx2

from specie.kernel.errors import SpecieError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAX_URL = 2048
_PRINTABLE = re.compile(r"[!-~]+")
# The last label must begin with a letter: that alone excludes every numeric spelling of an IPv4 address.
_HOST_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_INTERNAL_SUFFIXES = frozenset(
    ["arpa", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion"]
)

_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_RFC_1918 = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_NOT_PUBLIC_4 = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
# Inside the global unicast range: protocol assignments with Teredo, documentation, 6to4, and the newer
# documentation range. Everything outside (link-local, unique local, NAT64, discard-only …) is refused as a whole.
_NOT_PUBLIC_6 = tuple(ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


class UnsafeUrl(SpecieError):
    """The URL, or an address behind it, is not one this installation calls."""

    code: ClassVar[str] = "url_unsafe"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "This URL cannot be called"


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """What a caller's URLs may look like and reach. `ports` None means any port."""

    schemes: frozenset[str]
    ports: frozenset[int] | None
    private: bool = False
    loopback: bool = False

    def allows(self, address: Address) -> bool:
        """Whether the address may be called: it is public, or of a kind the policy opens."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if self.loopback and _within(address, _LOOPBACK):
            return True
        if self.private and _within(address, _RFC_1918):
            return True
        return is_public(address)


_WEB = frozenset({"http", "https"})

TENANT = TargetPolicy(frozenset({"https"}), frozenset({443, 8443}))
"""URLs a tenant gives us."""
TENANT_PRIVATE = TargetPolicy(_WEB, None, private=True)
"""The same with the operator's switch: RFC 1918 and plain http; loopback and metadata stay shut."""
DEVELOPMENT = TargetPolicy(_WEB, None, private=True, loopback=True)
"""The same on a developer's machine, where the receiver runs next to us."""
PROVIDER = TargetPolicy(_WEB, None)
"""URLs an adapter or the operator wrote down."""


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(address, _NOT_PUBLIC_4)
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    return address in _GLOBAL_6 and not _within(address, _NOT_PUBLIC_6)


def check_url(url: str, policy: TargetPolicy = TENANT) -> None:
    """Refuse a URL by its form alone, without a look-up. Raises UnsafeUrl with `param="url"`."""
    reason = _fault(url, policy)
    if reason:
        raise UnsafeUrl(reason, param="url")


def _fault(url: str, policy: TargetPolicy) -> str | None:
    # The same parser that will dial reads the URL here, so that the two cannot disagree about the host.
    if len(url) > _MAX_URL or not _PRINTABLE.fullmatch(url) or "\\" in url or "#" in url:
        return "the URL must be plain ASCII of at most 2048 characters, without backslash or fragment"
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return "the URL cannot be read"
    if parsed.scheme not in policy.schemes:
        return f"the URL must begin with {' or '.join(sorted(policy.schemes))}://"
    # An empty user name leaves no trace in the parsed URL, so the authority is looked at as it was written.
    if "@" in re.split(r"[/?]", url.partition("://")[2], maxsplit=1)[0]:
        return "the URL must not hold a user name or password"
    port = parsed.port if parsed.port is not None else {"https": 443}.get(parsed.scheme, 80)
    if policy.ports is not None and port not in policy.ports:
        return f"the port must be {' or '.join(str(number) for number in sorted(policy.ports))}"
    return _host_fault(parsed.raw_host.decode("ascii"), policy)


def _host_fault(host: str, policy: TargetPolicy) -> str | None:
    address = literal_address(host)
    if address is not None:
        return None if policy.allows(address) else "the address is not public"
    if host == "localhost":
        return None if policy.loopback else "the host is not public"
    if len(host) > 253 or not _HOST_NAME.fullmatch(host):
        return "the host must be a full domain name (in its ASCII form) or an address"
    if host.rsplit(".", 1)[1] in _INTERNAL_SUFFIXES:
        return "the host is not public"
    return None


def literal_address(host: str) -> Address | None:
    """The address a host spells out, or None for a name and for an address with a zone."""
    if "%" in host:
        return None
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
