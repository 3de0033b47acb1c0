"""Signatures and digests against the vectors of their RFCs, and the head of a question against whatever bytes come."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from registers import request
from registers.kinship import Kin, relation
from registers.signature import COVERED, base, content_digest, parameters, signed

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "http_signatures.json").read_text("utf-8")
)
KEY = Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(VECTORS["private_jwk_d"] + "="))


def test_the_key_is_the_one_of_the_rfc() -> None:
    public = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert public == urlsafe_b64decode(VECTORS["public_jwk_x"] + "=")


def test_base_and_signature_are_those_of_the_rfc() -> None:
    told = parameters(VECTORS["covered"], VECTORS["created"], VECTORS["keyid"])
    made = base(VECTORS["values"], VECTORS["covered"], told)
    assert told == VECTORS["parameters"]
    assert made.decode() == VECTORS["base"]
    assert b64encode(KEY.sign(made)).decode() == VECTORS["signature"]


def test_digests_are_those_of_the_rfc() -> None:
    for case in VECTORS["digests"]:
        assert content_digest(case["body"].encode()) == case["content_digest"]


def test_a_signed_request_covers_method_target_digest_and_date() -> None:
    one: dict[str, Any] = {"created": 1, "nonce": "n", "keyid": "k", "sign": KEY.sign}
    fields = signed("POST", "https://h/1/dues", b"{}", "Tue, 20 Apr 2021 02:07:55 GMT", **one)
    assert fields["Signature-Input"].startswith("vikno=(" + " ".join(f'"{name}"' for name in COVERED))
    others = (
        signed("GET", "https://h/1/dues", b"{}", "Tue, 20 Apr 2021 02:07:55 GMT", **one),
        signed("POST", "https://h/1/due", b"{}", "Tue, 20 Apr 2021 02:07:55 GMT", **one),
        signed("POST", "https://h/1/dues", b"{} ", "Tue, 20 Apr 2021 02:07:55 GMT", **one),
        signed("POST", "https://h/1/dues", b"{}", "Tue, 20 Apr 2021 02:07:56 GMT", **one),
        signed("POST", "https://h/1/dues", b"{}", "Tue, 20 Apr 2021 02:07:55 GMT", **one | {"nonce": "m"}),
    )
    assert len({fields["Signature"], *(other["Signature"] for other in others)}) == 6


# --- the head of a question -------------------------------------------------------------------------------------------

HEAD = b'POST /1/person HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\nIf-None-Match: "77"\r\n\r\n'


def test_a_head_is_read() -> None:
    assert request.parse(HEAD) == request.Request("POST", "person", 12, 77)
    plain = b"GET /1/directories/streets HTTP/1.1\r\n\r\n"
    assert request.parse(plain) == request.Request("GET", "directories/streets", 0)


@pytest.mark.parametrize(
    "head",
    [
        b"PUT /1/person HTTP/1.1\r\n\r\n", b"POST /1/person HTTP/1.0\r\n\r\n", b"POST /1/person?number=1 HTTP/1.1\r\n\r\n",
        b"POST /2/person HTTP/1.1\r\n\r\n", b"POST /1/../person HTTP/1.1\r\n\r\n", b"POST  /1/person HTTP/1.1\r\n\r\n",
        b"POST /1/person HTTP/1.1\n\n", b"POST /1/person HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"POST /1/person HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /1/person HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST /1/person HTTP/1.1\r\nContent-Length: 4097\r\n\r\n",
        b"POST /1/person HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n",
        b"POST /1/person HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"POST /1/person HTTP/1.1\r\nA : b\r\n\r\n", b"\r\n\r\n",
    ],
)  # fmt: skip
def test_a_head_that_is_none_is_refused_without_repeating_it(head: bytes) -> None:
    with pytest.raises(ContractError) as told:
        request.parse(head)
    assert "person" not in str(told.value)


@given(st.integers(0, len(HEAD) - 1), st.integers(0, 255), st.integers(0, 3))
def test_a_spoilt_head_is_read_or_refused(place: int, byte: int, kind: int) -> None:
    spoilt = [
        HEAD[:place], HEAD[:place] + bytes([byte]) + HEAD[place:], HEAD[:place] + bytes([byte]) + HEAD[place + 1 :],
        HEAD + HEAD[:place],
    ][kind]  # fmt: skip
    try:
        found = request.parse(spoilt)
    except ContractError:
        return
    assert 0 <= found.length <= 4096


# --- who is what to whom ----------------------------------------------------------------------------------------------


def test_relations_follow_the_links_of_parents_and_spouse() -> None:
    gran, mum, dad = Kin("gran"), Kin("mum", mother="gran", spouse="dad"), Kin("dad")
    kid, sis, lodger = Kin("kid", mother="mum", father="dad"), Kin("sis", mother="mum"), Kin("lodger")
    known = {kin.number: kin for kin in (gran, mum, dad, kid, sis, lodger)}

    def said(asker: Kin) -> dict[str, str]:
        return {name: relation(asker, kin, known) for name, kin in known.items()}

    assert said(kid) == {
        "gran": "grandparent",
        "mum": "parent",
        "dad": "parent",
        "kid": "self",
        "sis": "sibling",
        "lodger": "",
    }
    assert said(dad) == {"gran": "", "mum": "spouse", "dad": "self", "kid": "child", "sis": "", "lodger": ""}
    assert said(gran) == {
        "gran": "self",
        "mum": "child",
        "dad": "",
        "kid": "grandchild",
        "sis": "grandchild",
        "lodger": "",
    }
