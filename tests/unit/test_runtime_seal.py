"""Sealing, held against RFC 9180 worked out a second time here: by its own steps, from its own vector."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from contract.errors import ContractError
from runtime.seal import Opener, seal

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/hpke.json").read_text("utf-8"))
KEM, SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return hmac.digest(key, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", hashlib.sha256)[
        :size
    ]


def opened(private: bytes, sealed: bytes, info: bytes, aad: bytes) -> bytes:
    """Base mode, first message. RFC 9180 §4.1, §5.1, §5.2."""
    key = X25519PrivateKey.from_private_bytes(private)
    enc, text = sealed[:32], sealed[32:]
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    secret = expand(
        KEM, extract(KEM, b"", b"eae_prk", shared), b"shared_secret", enc + key.public_key().public_bytes_raw(), 32
    )
    context = b"\0" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    root = extract(SUITE, secret, b"secret", b"")
    nonce = expand(SUITE, root, b"base_nonce", context, 12)
    return ChaCha20Poly1305(expand(SUITE, root, b"key", context, 32)).decrypt(nonce, text, aad)


def test_the_steps_worked_out_here_are_those_of_the_rfc() -> None:
    of = {name: bytes.fromhex(text) for name, text in VECTOR["base"].items()}
    assert opened(of["skRm"], of["enc"] + of["ct"], of["info"], of["aad"]) == of["pt"]


def test_what_is_sealed_is_opened_by_those_steps_and_by_us() -> None:
    ours = Opener()
    sealed = seal("Тестенко".encode(), ours.public, "card.fields c-1")
    private = ours._key.private_bytes_raw()
    assert opened(private, base64.b64decode(sealed), b"card.fields c-1", b"").decode() == "Тестенко"
    assert ours.open(sealed, "card.fields c-1").decode() == "Тестенко"


def test_nobody_else_opens_it_and_not_as_something_else() -> None:
    ours = Opener()
    sealed = seal(b"a secret", ours.public, "card.fields c-1")
    with pytest.raises(ContractError):
        Opener().open(sealed, "card.fields c-1")
    with pytest.raises(ContractError):
        ours.open(sealed, "card.fields c-2")


def test_damage_is_refused_at_every_byte_and_length() -> None:
    ours = Opener()
    whole = base64.b64decode(seal(b"a secret", ours.public, "x"))
    for at in range(len(whole)):
        for bad in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            with pytest.raises(ContractError):
                ours.open(base64.b64encode(bad).decode(), "x")
    for text in ("", "===", "ä" * 80, "AAAA\n"):
        with pytest.raises(ContractError):
            ours.open(text, "x")


@pytest.mark.parametrize("public", ["", "00", "00" * 32, "zz" * 32, "11" * 33])
def test_a_key_that_is_none_is_refused(public: str) -> None:
    with pytest.raises(ContractError):
        seal(b"a secret", public, "x")


def test_the_same_words_are_never_sealed_alike() -> None:
    ours = Opener()
    assert len({seal(b"a secret", ours.public, "x") for _ in range(20)}) == 20
