"""The signatures of SNAP, Indonesia's national standard of open payment interfaces.

Tokens are signed with RSA over client key and time. Calls are signed with HMAC-SHA-512 over method, path, token, body
hash and time, or with RSA over the same without a token, which is also how providers sign what they send us.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from specie.providers.reading import JAKARTA

Form = Literal["base64", "hex"]

_KEY_BITS = 2048
_EXPONENT = 65537


def timestamp_of(moment: datetime) -> str:
    """A moment as SNAP writes it: Jakarta's time with its offset, whole seconds."""
    return moment.astimezone(JAKARTA).replace(microsecond=0).isoformat()


def minified(body: str) -> str:
    """JSON without white space outside its texts; everything else stays as it was written."""
    kept: list[str] = []
    in_text = escaped = False
    for sign in body:
        if in_text:
            in_text = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign in " \t\r\n":
            continue
        else:
            in_text = sign == '"'
        kept.append(sign)
    return "".join(kept)


def body_hash(body: bytes) -> str:
    """The hash of a minified body that calls are signed over."""
    return hashlib.sha256(minified(body.decode("utf-8")).encode()).hexdigest()


def token_text(client_key: str, timestamp: str) -> str:
    """What is signed to get a token."""
    return f"{client_key}|{timestamp}"


def call_text(method: str, path: str, body: bytes, timestamp: str, token: str | None = None) -> str:
    """What is signed of a call; without a token in the asymmetric form."""
    middle = [] if token is None else [token]
    return ":".join([method, path, *middle, body_hash(body), timestamp])


def with_secret(secret: str, content: str, form: Form) -> str:
    """The symmetric signature."""
    mac = hmac.new(secret.encode(), content.encode(), hashlib.sha512).digest()
    return mac.hex() if form == "hex" else base64.b64encode(mac).decode()


def with_key(private_key: RSAPrivateKey, content: str) -> str:
    """The asymmetric signature."""
    return base64.b64encode(private_key.sign(content.encode(), PKCS1v15(), hashes.SHA256())).decode()


def verifies(public_key: RSAPublicKey, content: str, signature: str) -> bool:
    """Whether the asymmetric signature is right."""
    try:
        public_key.verify(base64.b64decode(signature, validate=True), content.encode(), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def private_key_of(pem: str) -> RSAPrivateKey:
    """A private key from its PEM text. Raises ValueError."""
    try:
        # Testing the key's primes takes 50 ms of processor time, and keys are opened for every call. A key whose parts
        # do not belong together only makes signatures that the provider refuses.
        key = serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not an unencrypted private key") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _KEY_BITS:
        raise ValueError("an RSA key of at least 2048 bits is needed")
    return key


def public_key_of(pem: str) -> RSAPublicKey:
    """A public key from its PEM text. Raises ValueError."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("not a public key") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("an RSA key is needed")
    return key


def new_key() -> RSAPrivateKey:
    """A key for the simulator."""
    return generate_private_key(_EXPONENT, _KEY_BITS)


def private_pem(key: RSAPrivateKey) -> str:
    """A private key as text."""
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """The public half of a key as text."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
