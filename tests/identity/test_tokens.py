"""Access and refresh tokens: whatever was not made here, for this use, by our key, is refused."""

import base64
import hashlib
import hmac
import json
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from specie.identity.errors import TokenExpired, TokenInvalid
from specie.identity.sign_in import sign_in
from specie.identity.tokens import AUDIENCE, LEEWAY_SECONDS, LIFETIME_SECONDS, AccessClaims, TokenSigner
from specie.kernel.clock import machine_timestamp
from specie.kernel.ids import SessionId, UserId
from tests.identity.callers import Visitor, code, fresh_address
from tests.identity.people import PASSWORD, Installation, Person, attempt, person

ISSUER = "https://pay.example"
NOW = 1_800_000_000
CLAIMS = AccessClaims(SessionId.new(), UserId.new())


@pytest.fixture
def signer() -> TokenSigner:
    return TokenSigner(b"s" * 32, ISSUER)


def packed(part: Any) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def body(**other: Any) -> dict[str, Any]:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(CLAIMS.user_id), "sid": str(CLAIMS.session_id)}
    return claims | {"iat": NOW, "nbf": NOW, "exp": NOW + LIFETIME_SECONDS} | other


def signed(signer: TokenSigner, header: dict[str, Any] | None = None, **other: Any) -> str:
    """A token that our own key has signed, whatever it says."""
    from joserfc import jwt

    claims = {name: value for name, value in body(**other).items() if value is not None}
    return jwt.encode(header or dict(signer._header), claims, signer._key, algorithms=["Ed25519"])


def test_a_token_is_read_as_it_was_minted(signer: TokenSigner) -> None:
    assert signer.read(signer.mint(CLAIMS, NOW), NOW) == CLAIMS
    assert signer.read(signed(signer), NOW) == CLAIMS


def test_no_bit_of_a_token_can_be_flipped(signer: TokenSigner) -> None:
    token = signer.mint(CLAIMS, NOW).encode()
    read = []
    for position in range(len(token) * 8):
        changed = bytearray(token)
        changed[position // 8] ^= 1 << position % 8
        try:
            signer.read(changed.decode("latin-1"), NOW)
        except TokenInvalid:
            continue
        read.append(position)
    assert read == []


@pytest.mark.parametrize("cut", [1, 2, 40, 86])
def test_a_shortened_token_is_refused(signer: TokenSigner, cut: int) -> None:
    token = signer.mint(CLAIMS, NOW)
    for text in (token[:-cut], token[cut:], token + "A" * cut, f"{token}.{'A' * cut}"):
        with pytest.raises(TokenInvalid):
            signer.read(text, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-api"},
        {"aud": [AUDIENCE]},
        {"aud": None},
        {"iss": "https://pay.example.evil.example"},
        {"iss": "https://pay.example/"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": NOW + 0.5},
        {"iat": NOW + LEEWAY_SECONDS + 1},
        {"nbf": NOW + LEEWAY_SECONDS + 1},
        {"iat": None},
        {"sid": "ses_nonsense"},
        # A user's id where a session's belongs.
        {"sid": "usr_01jx3s5v0q8e5t9m2w4r6y8zab"},
        {"sub": None},
    ],
    ids=str,
)
def test_even_our_own_signature_does_not_cover_wrong_claims(signer: TokenSigner, claims: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        signer.read(signed(signer, **claims), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": "at+JWT"},
        {"kid": "../../etc/passwd"},
        {"kid": "' or 1=1 --"},
        {"kid": "another-key"},
        {"jku": "https://evil.example/keys.json"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
        {"crit": ["exp"], "b64": False},
    ],
    ids=str,
)
def test_the_sender_chooses_nothing_in_the_header(signer: TokenSigner, change: dict[str, Any]) -> None:
    head, claims, signature = signer.mint(CLAIMS, NOW).split(".")
    with pytest.raises(TokenInvalid):
        signer.read(f"{packed(unpacked(head) | change)}.{claims}.{signature}", NOW)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_refused(signer: TokenSigner, algorithm: str) -> None:
    head = unpacked(signer.mint(CLAIMS, NOW).split(".")[0]) | {"alg": algorithm}
    for signature in ("", "AA"):
        with pytest.raises(TokenInvalid):
            signer.read(f"{packed(head)}.{packed(body())}.{signature}", NOW)


def test_the_public_key_is_no_shared_secret(signer: TokenSigner) -> None:
    public = base64.urlsafe_b64decode(signer._key.as_dict(private=False)["x"] + "=")
    head = unpacked(signer.mint(CLAIMS, NOW).split(".")[0]) | {"alg": "HS256"}
    text = f"{packed(head)}.{packed(body())}"
    mac = hmac.digest(public, text.encode(), hashlib.sha256)
    with pytest.raises(TokenInvalid):
        signer.read(f"{text}.{packed(mac)}", NOW)


def test_a_token_of_another_installation_is_refused(signer: TokenSigner) -> None:
    with pytest.raises(TokenInvalid):
        signer.read(TokenSigner(b"t" * 32, ISSUER).mint(CLAIMS, NOW), NOW)
    with pytest.raises(TokenInvalid):
        signer.read(TokenSigner(b"s" * 32, "https://other.example").mint(CLAIMS, NOW), NOW)


def test_a_token_ends_after_ten_minutes_and_the_leeway(signer: TokenSigner) -> None:
    token, last = signer.mint(CLAIMS, NOW), NOW + LIFETIME_SECONDS + LEEWAY_SECONDS
    assert signer.read(token, last) == CLAIMS
    with pytest.raises(TokenExpired):
        signer.read(token, last + 1)


def test_a_clock_a_little_behind_the_minting_one_is_forgiven(signer: TokenSigner) -> None:
    token = signer.mint(CLAIMS, NOW)
    assert signer.read(token, NOW - LEEWAY_SECONDS) == CLAIMS
    with pytest.raises(TokenInvalid):
        signer.read(token, NOW - LEEWAY_SECONDS - 1)


async def pair(visitor: Visitor, who: Person) -> dict[str, str]:
    answer = await visitor.send("POST", "/auth/token", {"email": who.email, "password": PASSWORD})
    assert answer.status_code == 200
    tokens: dict[str, str] = answer.json()
    return tokens


async def refresh(visitor: Visitor, token: str) -> Any:
    return await visitor.send("POST", "/auth/token/refresh", {"refresh_token": token})


async def me(visitor: Visitor, token: str) -> Any:
    return await visitor.with_bearer("GET", "/me", token)


async def test_a_token_needs_no_csrf_proof_and_sets_no_cookie(app: FastAPI, house: Installation) -> None:
    visitor = Visitor(app)
    tokens = await pair(visitor, await person(house))
    answer = await visitor.with_bearer("PATCH", "/tenant", tokens["access_token"], {"name": "Kopi"})
    assert answer.status_code == 200
    assert dict(visitor.http.cookies) == {}


async def test_each_kind_of_secret_opens_only_its_own_door(app: FastAPI, house: Installation) -> None:
    who, visitor = await person(house), Visitor(app)
    tokens = await pair(visitor, who)
    browser = Visitor(app)
    await browser.log_in(who)
    [cookie] = browser.http.cookies.values()
    for wrong in (tokens["refresh_token"], cookie):
        assert code(await me(visitor, wrong)) == (401, "token_invalid")
    assert code(await refresh(visitor, cookie)) == (401, "session_revoked")
    for wrong in (tokens["access_token"], tokens["refresh_token"]):
        visitor.http.cookies.set("__Host-specie", wrong)
        assert code(await visitor.get("/me")) == (401, "session_revoked")


async def test_a_browser_s_session_cannot_be_named_by_a_token(app: FastAPI, house: Installation) -> None:
    who = await person(house)
    started = await sign_in(house.db, house.identity, attempt(who), "browser")
    token = house.identity.signer.mint(AccessClaims(started.session_id, who.id), machine_timestamp())
    assert code(await me(Visitor(app), token)) == (401, "session_revoked")


async def test_logging_out_ends_access_and_refresh_at_once(app: FastAPI, house: Installation) -> None:
    visitor = Visitor(app)
    tokens = await pair(visitor, await person(house))
    assert (await visitor.with_bearer("POST", "/auth/logout", tokens["access_token"])).status_code == 204
    assert code(await me(visitor, tokens["access_token"])) == (401, "session_revoked")
    assert code(await refresh(visitor, tokens["refresh_token"])) == (401, "session_revoked")


async def test_a_disabled_user_is_out_at_once(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    who, visitor = await person(house), Visitor(app)
    tokens = await pair(visitor, who)
    superuser_connection.execute("update specie.app_user set is_disabled = true where id = %s", [who.id.uuid])
    assert code(await me(visitor, tokens["access_token"])) == (401, "session_revoked")
    assert code(await visitor.log_in(who)) == (401, "credentials_invalid")


async def test_a_lost_answer_is_given_again_to_the_same_client(app: FastAPI, house: Installation) -> None:
    visitor = Visitor(app)
    first = await pair(visitor, await person(house))
    second, again = await refresh(visitor, first["refresh_token"]), await refresh(visitor, first["refresh_token"])
    assert second.json()["refresh_token"] == again.json()["refresh_token"]
    assert (await me(visitor, again.json()["access_token"])).status_code == 200


@pytest.mark.parametrize("thief", ["another network", "another program", "too late"])
async def test_a_refresh_token_used_twice_ends_its_whole_family(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection, thief: str
) -> None:
    who, address = await person(house), fresh_address()
    visitor, other = Visitor(app, address), Visitor(app, address)
    first = await pair(visitor, who)
    untouched = await pair(Visitor(app), who)
    second = (await refresh(visitor, first["refresh_token"])).json()
    if thief == "another network":
        other = Visitor(app)
    if thief == "another program":
        other.http.headers["user-agent"] = "a thief"
    if thief == "too late":
        superuser_connection.execute("update specie.refresh_token set used_at = used_at - interval '21 s'")
    assert code(await refresh(other, first["refresh_token"])) == (401, "session_revoked")
    assert code(await refresh(visitor, second["refresh_token"])) == (401, "session_revoked")
    assert code(await me(visitor, second["access_token"])) == (401, "session_revoked")
    assert (await me(visitor, untouched["access_token"])).status_code == 200
    query = "select count(*) from specie.audit where action = 'session.refresh_reuse' and actor = %s"
    assert superuser_connection.execute(query, [f"user:{who.id}"]).fetchone() == (1,)


async def test_a_refresh_token_that_ran_out_is_refused(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    visitor = Visitor(app)
    tokens = await pair(visitor, await person(house))
    superuser_connection.execute("update specie.refresh_token set expires_at = now() - interval '1 s'")
    assert code(await refresh(visitor, tokens["refresh_token"])) == (401, "session_revoked")


async def test_the_session_of_another_tenant_sees_nothing_of_this_one(
    app: FastAPI, house: Installation, neighbour: Installation
) -> None:
    visitor = Visitor(app)
    tokens = await pair(visitor, await person(neighbour))
    seen = (await visitor.with_bearer("GET", "/members", tokens["access_token"])).json()["data"]
    ours = await person(house)
    assert ours.email not in {one["user"]["email"] for one in seen}
    switch = {"tenant_id": str(house.tenant.id)}
    assert code(await visitor.with_bearer("POST", "/me/tenant", tokens["access_token"], switch)) == (
        403,
        "no_membership",
    )
    here = await visitor.with_bearer("GET", "/tenant", tokens["access_token"])
    assert here.json()["id"] == str(neighbour.tenant.id)
