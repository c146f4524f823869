"""Every known signature, byte for byte: what is signed, and what comes out."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from specie.kernel.money import Money
from specie.providers import qris
from specie.providers.genesis.adapter import RECIPES as GENESIS
from specie.providers.gidi.adapter import RECIPES as GIDI
from specie.providers.gudangvoucher.adapter import RECIPES as GUDANGVOUCHER
from specie.providers.hilogate.adapter import RECIPES as HILOGATE
from specie.providers.midtrans.adapter import RECIPES as MIDTRANS
from specie.providers.piro.adapter import RECIPES as PIRO
from specie.providers.piro.adapter import basic_of
from specie.providers.recipe import Recipe
from specie.providers.snap import signing
from specie.providers.stripe.adapter import RECIPE as STRIPE
from specie.providers.xendit.adapter import basic

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text())

# Providers without an adapter sign in ways the same engine can do; their recipes live here.
ADYEN = Recipe(("text",), "sha256", form="base64", key="hmacKeyHex", key_is_hex=True)
RAZORPAY = Recipe(("text",), "sha256", key="key_secret")
BODY_HMAC = Recipe(("body",), "sha256", key="secret")

RECIPES: dict[tuple[str, str], Recipe] = {
    ("hilogate", "POST create transaction"): HILOGATE["request"],
    ("hilogate", "GET transaction"): HILOGATE["request"],
    ("hilogate", "callback formula A"): HILOGATE["callback A"],
    ("hilogate", "callback formula B"): HILOGATE["callback B"],
    ("hilogate", "callback formula C"): HILOGATE["callback C"],
    ("gudangvoucher", "pay/request signature"): GUDANGVOUCHER["pay"],
    ("gudangvoucher", "status check signature"): GUDANGVOUCHER["status"],
    ("genesis", "register (vendor example)"): GENESIS["register"],
    ("genesis", "QRIS create"): GENESIS["create"],
    ("genesis", "QRIS query (from client code)"): GENESIS["query"],
    ("genesis", "callback (from client code)"): GENESIS["callback"],
    ("piro", "register"): PIRO["register"],
    ("piro", "interbank transfer"): PIRO["transfer"],
    ("piro", "balance"): PIRO["balance"],
    ("piro", "callback (from client code)"): PIRO["callback"],
    ("midtrans", "payment notification"): MIDTRANS["notification"],
    ("midtrans", "Iris payout notification"): MIDTRANS["payout notification"],
    ("adyen", "published test vector"): ADYEN,
    ("adyen", "IDR, no minor unit"): ADYEN,
    ("razorpay", "checkout order|payment"): RAZORPAY,
    ("razorpay", "payment link"): RAZORPAY,
    ("razorpay", "subscription payment|subscription"): RAZORPAY,
    ("razorpay", "webhook body"): BODY_HMAC,
    ("2c2p", "callback (from client code)"): BODY_HMAC,
    ("outbound", "client callback"): BODY_HMAC,
}
TWICE = {
    "QRIS dynamic": "qris",
    "account inquiry": "account inquiry",
    "BI-FAST transfer": "transfer",
    "transfer query (from client code)": "transfer query",
    "callback (from client code)": "callback",
}


def values_of(vector: dict[str, Any]) -> dict[str, str]:
    told = {name: str(value) for name, value in vector["inputs"].items()} | {"text": vector["string_to_sign"]}
    told |= {"body": told.get("body", told.get("payload", ""))}
    if vector["case"] == "callback formula A":
        body = json.loads(told["body"])
        told["covered"] = json.dumps({n: body[n] for n in ("ref_id", "amount", "method")}, separators=(",", ":"))
    return told | {"server_key": told.get("serverKey", ""), "merchant_key": told.get("merchantKey", "")}


def named(provider: str, case: str) -> dict[str, Any]:
    return next(vector for vector in VECTORS if (vector["provider"], vector["case"]) == (provider, case))


@pytest.mark.parametrize(("provider", "case"), RECIPES)
def test_a_recipe_signs_the_known_text_with_the_known_result(provider: str, case: str) -> None:
    vector = named(provider, case)
    recipe, values = RECIPES[provider, case], values_of(vector)

    assert recipe.text(values) == vector["string_to_sign"]
    assert recipe.sign(values) == vector["expected"]
    assert recipe.verifies(values, vector["expected"])


@pytest.mark.parametrize("case", TWICE)
def test_two_rounds_sign_the_known_text_with_the_known_result(case: str) -> None:
    vector, recipe = named("gidi", case), GIDI[TWICE[case]]

    assert recipe.first is not None
    assert recipe.first.text(values_of(vector)) == vector["string_to_sign"]
    assert recipe.sign(values_of(vector)) == vector["expected"]


@pytest.mark.parametrize(("provider", "case"), RECIPES)
def test_a_signature_with_one_digit_changed_does_not_verify(provider: str, case: str) -> None:
    vector = named(provider, case)
    wrong = ("0" if vector["expected"][0] != "0" else "1") + vector["expected"][1:]

    assert not RECIPES[provider, case].verifies(values_of(vector), wrong)
    assert not RECIPES[provider, case].verifies(values_of(vector), "")


def test_an_empty_key_or_a_missing_value_verifies_nothing() -> None:
    empty = BODY_HMAC.sign({"body": "x", "secret": ""})

    assert not BODY_HMAC.verifies({"body": "x", "secret": ""}, empty)
    assert not BODY_HMAC.verifies({"body": "x"}, empty)


def test_upper_case_hexadecimal_and_sha1_are_recipes_too() -> None:
    recipe = Recipe(("a", "b"), "sha1", separator="|", form="HEX")

    assert recipe.sign({"a": "1", "b": "2"}) == hashlib.sha1(b"1|2").hexdigest().upper()


def stripe_header(vector: dict[str, Any]) -> str:
    told = vector["inputs"]
    signature = STRIPE.sign({"t": str(told["t"]), "body": told["payload"], "secret": told["secret"]})
    return f"t={told['t']},v1={signature}"


def snap_call(vector: dict[str, Any]) -> str:
    told = vector["inputs"]
    body, token = told["minifiedBody"].encode(), told.get("accessToken")
    return signing.call_text(told["method"], told["path"], body, told["timestamp"], token)


def snap_symmetric(vector: dict[str, Any], form: signing.Form) -> str:
    source = named("snap", "transaction symmetric (base64)")
    assert snap_call(source) == vector["string_to_sign"]
    return signing.with_secret(source["inputs"]["clientSecret"], snap_call(source), form)


def digest_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def snap_token(vector: dict[str, Any]) -> str:
    content = signing.token_text(vector["inputs"]["clientKey"], vector["inputs"]["timestamp"])
    prefix = "base64(RSASSA-PKCS1-v1_5 SHA256) with a key the test makes; sha256(stringToSign)="
    return prefix + digest_of(content)


def paypal(vector: dict[str, Any]) -> str:
    transmission, moment, webhook, _ = vector["string_to_sign"].split("|")
    told = Recipe(("a", "b", "c", "crc"), "sha256", separator="|")
    crc = str(binascii.crc32(vector["inputs"]["body"].encode()))
    return "sha256(message)=" + told.sign({"a": transmission, "b": moment, "c": webhook, "crc": crc})


def static_code(_vector: dict[str, Any]) -> str:
    expected = named("qris", "static")["expected"]
    return qris.write(qris.read(expected))


OTHERS: dict[tuple[str, str], Callable[[dict[str, Any]], str]] = {
    ("piro", "day-start millis / Basic"): lambda vector: basic_of(datetime.fromisoformat(vector["inputs"]["now"])),
    ("stripe", "webhook header"): stripe_header,
    ("snap", "token string-to-sign"): snap_token,
    ("snap", "transaction symmetric (base64)"): lambda vector: snap_symmetric(vector, "base64"),
    ("netzme", "transaction symmetric (HEX)"): lambda vector: snap_symmetric(vector, "hex"),
    ("snap", "asymmetric without token"): lambda vector: f"sha256(stringToSign)={digest_of(snap_call(vector))}",
    ("snap", "minify keeps spaces in strings"): lambda vector: signing.body_hash(vector["inputs"]["raw"].encode()),
    ("snap", "empty body hash"): lambda vector: signing.body_hash(b""),
    ("paypal", "message for SHA256withRSA"): paypal,
    ("xendit", "Basic header"): lambda vector: basic(vector["inputs"]["secretKey"]),
    ("qris", "static"): static_code,
    ("qris", "dynamic 15000"): lambda vector: qris.dynamic(
        named("qris", "static")["expected"], Money.of(1_500_000, "IDR")
    ),
    ("qris", "CRC-16/CCITT-FALSE check value"): lambda vector: qris.crc(vector["inputs"]["input"]),
}


@pytest.mark.parametrize(("provider", "case"), OTHERS)
def test_what_is_no_plain_recipe_gives_the_known_result(provider: str, case: str) -> None:
    vector = named(provider, case)

    assert OTHERS[provider, case](vector) == vector["expected"]


def test_every_vector_is_tried() -> None:
    tried = {*RECIPES, *OTHERS, *(("gidi", case) for case in TWICE)}

    assert {(vector["provider"], vector["case"]) for vector in VECTORS} == tried


def test_a_key_made_now_signs_and_verifies_both_asymmetric_texts() -> None:
    key, other = signing.new_key(), signing.new_key()
    for case in ("token string-to-sign", "asymmetric without token"):
        content = named("snap", case)["string_to_sign"]
        signature = signing.with_key(key, content)

        assert "\n" not in signature
        assert base64.b64decode(signature, validate=True)
        assert signing.verifies(key.public_key(), content, signature)
        assert not signing.verifies(key.public_key(), content + " ", signature)
        assert not signing.verifies(other.public_key(), content, signature)


def test_minifying_keeps_what_is_inside_texts() -> None:
    assert signing.minified('{ "a" : "x \\" { y" ,\n "b" : [ 1 , null ] }') == '{"a":"x \\" { y","b":[1,null]}'


def test_the_basic_password_of_a_day_is_that_of_jakartas_midnight() -> None:
    before, after = datetime(2026, 1, 14, 16, 59, tzinfo=UTC), datetime(2026, 1, 14, 17, 0, tzinfo=UTC)

    assert basic_of(before) != basic_of(after)
