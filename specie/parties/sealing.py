"""A party's own key: everything personal is sealed under it, and destroying it is forgetting."""

import orjson

from specie.kernel.ids import PartyId, TenantId
from specie.parties.model import Person
from specie.platform.vault import KeyRing, Place, Unsealable, blind_index, new_key, open_sealed, seal


def fresh_key(vault: KeyRing, tenant_id: TenantId, party_id: PartyId) -> tuple[bytes, bytes]:
    """A new key for a party: itself, and wrapped for its row."""
    key = new_key()
    return key, vault.wrap(key, _key_place(tenant_id, party_id))


def unwrapped(vault: KeyRing, tenant_id: TenantId, party_id: PartyId, wrapped: bytes | None) -> bytes | None:
    """A party's key; None once it has been destroyed."""
    return None if wrapped is None else vault.unwrap(wrapped, _key_place(tenant_id, party_id))


def seal_person(key: bytes, tenant_id: TenantId, party_id: PartyId, person: Person) -> bytes:
    """What is known of somebody, as one sealed value."""
    return seal(key, orjson.dumps(person), _place(tenant_id, party_id, "person"))


def open_person(key: bytes | None, tenant_id: TenantId, party_id: PartyId, blob: bytes) -> Person | None:
    """The person behind a sealed value, or None when the key is gone."""
    if key is None:
        return None
    return Person(**orjson.loads(open_sealed(key, blob, _place(tenant_id, party_id, "person"))))


def seal_text(key: bytes, tenant_id: TenantId, row: str, text: str) -> bytes:
    """A short personal text of another row, such as a document's name."""
    return seal(key, text.encode(), Place(str(tenant_id), "party_document", row, "name"))


def open_text(key: bytes | None, tenant_id: TenantId, row: str, blob: bytes) -> str:
    """The text, or what stands for it after erasure."""
    if key is None:
        return "erased"
    return open_sealed(key, blob, Place(str(tenant_id), "party_document", row, "name")).decode()


def seal_file(key: bytes, tenant_id: TenantId, row: str, data: bytes) -> bytes:
    """A file's content."""
    return seal(key, data, Place(str(tenant_id), "party_document", row, "content"))


def open_file(key: bytes | None, tenant_id: TenantId, row: str, blob: bytes) -> bytes:
    """A file's content. Raises Unsealable when the key is gone."""
    if key is None:
        raise Unsealable
    return open_sealed(key, blob, Place(str(tenant_id), "party_document", row, "content"))


def index(vault: KeyRing, tenant_id: TenantId, value: str) -> bytes | None:
    """The keyed hash by which a normalised e-mail address or phone number is found; None for no value.

    The oldest master key makes it, so that a rotation of keys does not lose what was indexed before.
    """
    if not value:
        return None
    return blind_index(vault.master_keys[min(vault.master_keys)], f"{tenant_id}\0{value}")


def term(vault: KeyRing, tenant_id: TenantId, kind: str, value: str) -> int:
    """The keyed hash by which a beginning of a name or a tax number is found, cut to the 64 bits of a bigint.

    `kind` keeps a tax number apart from a word that reads the same.
    """
    whole = blind_index(vault.master_keys[min(vault.master_keys)], f"{tenant_id}\0{kind}\0{value}")
    return int.from_bytes(whole[:8], signed=True)


def _key_place(tenant_id: TenantId, party_id: PartyId) -> Place:
    return _place(tenant_id, party_id, "key")


def _place(tenant_id: TenantId, party_id: PartyId, column: str) -> Place:
    return Place(str(tenant_id), "party", str(party_id), column)
