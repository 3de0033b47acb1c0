"""mosquitto.conf and the ACL as text, from settings and the device registry. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contract.errors import ContractError
from contract.hall_part import Box, Id
from contract.messages import MAX_CFG_BYTES
from contract.topics import TOPICS, Topic
from contract.words import Role

COORDINATOR = "coordinator"
"""The coordinator's common name; no box may have it."""

_HEADROOM = 4096
"""Bytes of a packet beside its payload: topic, properties, header. The longest topic in the table is under 200."""

_CONF = """\
# Rendered by Vikno; static. A reload takes over the ACL, the revocation list and certificates, never the listener.
per_listener_settings false
{user}pid_file {folder}/mosquitto.pid

# The only way in: both sides show a certificate, and the common name is the user of the ACL.
listener {port}{bind}
cafile {folder}/ca.crt
certfile {folder}/server.crt
keyfile {folder}/server.key
crlfile {folder}/crl.pem
require_certificate true
use_identity_as_username true
# Without it any box could throw another off (or the coordinator) by connecting under its client id.
use_username_as_clientid true
allow_anonymous false
acl_file {folder}/acl

# 0.42 ms instead of 44 ms for a request and its reply.
set_tcp_nodelay true
# The largest configuration, its topic and properties.
max_packet_size {max_packet}
max_inflight_messages 0
max_queued_messages 1000
# A broker is not trusted with memory: what is retained is published again by the coordinator when the broker is back.
# A saved copy could only be older than the truth, and would wear out the disk.
persistence false
sys_interval 0

log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_timestamp_format %Y-%m-%dT%H:%M:%S
connection_messages true
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the static configuration depends on.

    folder: absolute, where the broker's files lie. bind: the address to listen on, None for all. user: whom mosquitto runs
    as when root starts it, None for its own default ("mosquitto").
    Raises: ContractError: a value that would break the file.
    """

    folder: Path
    port: int = 8883
    bind: str | None = None
    user: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ContractError(f"port: {self.port}: allowed: 1 to 65535")
        if not self.folder.is_absolute() or not str(self.folder).isprintable():
            raise ContractError(f"folder: {str(self.folder)!r}: allowed: an absolute path of printable letters")
        for name, text in (("bind", self.bind), ("user", self.user)):
            if text is not None and (not text.isprintable() or not text or " " in text):
                raise ContractError(f"{name}: {text!r}: allowed: one word")


def mosquitto_conf(settings: Settings) -> str:
    """The whole mosquitto.conf: one mTLS listener and nothing else, no plain one even on loopback."""
    return _CONF.format(
        user=f"user {settings.user}\n" if settings.user else "",
        folder=settings.folder,
        port=settings.port,
        bind=f" {settings.bind}" if settings.bind else "",
        max_packet=MAX_CFG_BYTES + _HEADROOM,
    )


def acl(hall: str, boxes: Iterable[Box]) -> str:
    """The whole acl_file of one hall: a section per registered box and the coordinator's; nobody else may do anything.

    A box gets the rows of the topic table that its kind says and hears, with its own id and its own hall written out, so a
    certificate of a box that left the document is worth nothing from the next reload, on live connections too.
    Raises: ContractError: `hall` is not an id.
    """
    try:
        TypeAdapter(Id).validate_python(hall)
    except ValidationError as exc:
        raise ContractError(f"hall {hall!r}: allowed: an id of letters, digits, - and _") from exc
    sections = [_section(COORDINATOR, Role.COORDINATOR, hall, "+")]
    sections += [_section(box.id, box.kind, hall, box.id) for box in sorted(boxes, key=lambda b: b.id)]
    return "# Rendered by Vikno from the hall document; changes here are lost.\n\n" + "\n".join(sections)


def _section(user: str, role: Role, hall: str, dev: str) -> str:
    lines = [f"user {user}"]
    lines += [f"topic {access} {topic.at(hall, dev, '+')}" for topic in TOPICS if (access := _access(topic, role))]
    return "\n".join(lines) + "\n"


def _access(topic: Topic, role: Role) -> str:
    """mosquitto's word for what `role` may do on the row; "" for nothing."""
    says, hears = role in topic.says, role in topic.hears
    return {(True, True): "readwrite", (True, False): "write", (False, True): "read"}.get((says, hears), "")
