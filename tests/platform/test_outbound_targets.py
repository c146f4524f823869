"""Which URLs and addresses an outbound call may have."""

import ipaddress

import pytest

from specie.platform.outbound_targets import (
    DEVELOPMENT,
    PROVIDER,
    TENANT,
    TENANT_PRIVATE,
    UnsafeUrl,
    check_url,
    is_public,
)

_REFUSED = [
    "http://example.com/hook",
    "ftp://example.com/",
    "//example.com/",
    "example.com",
    "",
    "https://example.com:8080/",
    "https://example.com:22/",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://@example.com/",
    "https://example.com/#part",
    "https://example.com\\@evil.example/",
    "https://exa mple.com/",
    "https://example.com/\nHost: other",
    "https://münchen.example/",
    "https://例え.jp/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00:ec2::254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://example.com./",
    "https://localhost/",
    "https://localhost./",
    "https://app.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://intranet/",
    "https://-bad.example/",
    "https://a..example/",
    "https://" + "a" * 64 + ".example/",
    "https://example.com/" + "a" * 2048,
    "https:///path",
    "https://example.com:99999/",
    "https://example.com:0/",
]


@pytest.mark.parametrize("url", _REFUSED)
def test_a_tenant_url_of_a_dangerous_form_is_refused(url: str) -> None:
    with pytest.raises(UnsafeUrl) as refused:
        check_url(url)
    assert (refused.value.code, refused.value.status, refused.value.param) == ("url_unsafe", 422, "url")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/hooks?a=b",
        "https://EXAMPLE.com/",
        "https://xn--mnchen-3ya.example/",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://hooks.a-b.co.id/x",
    ],
)
def test_an_ordinary_tenant_url_passes(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:a00:1::",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_known_as_such(address: str) -> None:
    parsed = ipaddress.ip_address(address)
    assert not is_public(parsed)
    assert not TENANT.allows(parsed)
    assert not PROVIDER.allows(parsed)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "172.32.0.1", "172.15.0.1", "100.128.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00::1"],
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert TENANT.allows(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "100.100.100.200", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"],
)
def test_the_switch_for_private_targets_keeps_loopback_and_metadata_shut(address: str) -> None:
    assert not TENANT_PRIVATE.allows(ipaddress.ip_address(address))


def test_the_switch_for_private_targets_opens_rfc_1918_and_plain_http() -> None:
    assert TENANT_PRIVATE.allows(ipaddress.ip_address("192.168.3.4"))
    assert TENANT_PRIVATE.allows(ipaddress.ip_address("::ffff:10.0.0.1"))
    check_url("http://10.0.0.5:9000/hook", TENANT_PRIVATE)


def test_development_also_opens_loopback_but_not_metadata() -> None:
    check_url("http://localhost:3000/hook", DEVELOPMENT)
    check_url("http://[::1]:3000/", DEVELOPMENT)
    assert not DEVELOPMENT.allows(ipaddress.ip_address("169.254.169.254"))
    with pytest.raises(UnsafeUrl):
        check_url("http://127.1/", DEVELOPMENT)
