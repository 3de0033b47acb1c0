"""mosquitto.conf and ACL as text, and the commands that write them."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from broker_config import apply, broker, broker_command, pki_command
from broker_config.pki import Authority
from broker_config.render import Settings, acl, mosquitto_conf
from contract.errors import ConfigError, ContractError, PermanentDeviceError
from contract.hall_part import Box
from contract.topics import TOPICS, Topic
from contract.words import Role

HALL = "ua-test-1"
BOXES = [Box(id=f"{role}-1", kind=role) for role in Role if role is not Role.COORDINATOR]


def rights(text: str) -> dict[str, set[tuple[str, str]]]:
    """user → (access, topic) of an acl_file; any line mosquitto would read otherwise fails the test."""
    found: dict[str, set[tuple[str, str]]] = {}
    user = ""
    for line in filter(None, (x for x in text.splitlines() if not x.startswith("#"))):
        word, rest = line.split(" ", 1)
        if word == "user":
            user = rest
            assert user not in found
            found[user] = set()
        else:
            access, topic = rest.split(" ", 1)
            assert word == "topic"
            found[user].add((access, topic))
    return found


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("topic", TOPICS, ids=lambda t: str(t.name))
def test_the_acl_is_the_topic_table(role: Role, topic: Topic) -> None:
    given = rights(acl(HALL, BOXES))
    user, dev = ("coordinator", "+") if role is Role.COORDINATOR else (f"{role}-1", f"{role}-1")
    name = topic.at(HALL, dev, "+")
    assert (("write", name) in given[user]) == (role in topic.says)
    assert (("read", name) in given[user]) == (role in topic.hears)


def test_the_acl_holds_nothing_beside_the_topic_table() -> None:
    given = rights(acl(HALL, BOXES))
    rows = sum((role in t.says) + (role in t.hears) for role in Role for t in TOPICS)
    assert set(given) == {"coordinator", *(b.id for b in BOXES)}
    assert sum(len(lines) for lines in given.values()) == rows


def test_no_line_reaches_beyond_the_hall_and_only_the_coordinator_sees_other_boxes() -> None:
    for user, lines in rights(acl(HALL, BOXES)).items():
        for _, topic in lines:
            levels = topic.split("/")
            assert levels[:3] == ["vikno", "1", HALL]
            assert "#" not in topic
            if levels[3] == "d":
                assert levels[4] == ("+" if user == "coordinator" else user)


def test_the_acl_does_not_depend_on_the_order_of_the_registry() -> None:
    assert acl(HALL, BOXES) == acl(HALL, list(reversed(BOXES)))


def test_without_boxes_there_is_the_coordinator_alone() -> None:
    assert set(rights(acl(HALL, []))) == {"coordinator"}


@pytest.mark.parametrize("hall", ["", "+", "a/b", "ua\ntopic readwrite #", "a b", "#"])
def test_a_hall_id_that_would_widen_the_acl_is_refused(hall: str) -> None:
    with pytest.raises(ContractError, match="hall"):
        acl(hall, BOXES)


def test_the_configuration_has_one_listener_and_it_asks_for_certificates() -> None:
    lines = mosquitto_conf(Settings(Path("/etc/vikno/broker"))).splitlines()
    assert [x for x in lines if x.startswith(("listener", "port ", "bind_address"))] == ["listener 8883"]
    assert {"require_certificate true", "use_identity_as_username true", "allow_anonymous false"} <= set(lines)
    assert "acl_file /etc/vikno/broker/acl" in lines
    assert not [x for x in lines if x.startswith("user ")]


def test_bind_address_and_user_appear_when_given() -> None:
    lines = mosquitto_conf(Settings(Path("/b"), 20001, "192.0.2.7", "vikno")).splitlines()
    assert "listener 20001 192.0.2.7" in lines
    assert "user vikno" in lines


@pytest.mark.parametrize(
    ("folder", "port", "bind", "user"),
    [
        ("/b", 0, None, None),
        ("/b", 65536, None, None),
        ("b", 1, None, None),
        ("/b\nlistener 1883", 1, None, None),
        ("/b", 1, "::1\nallow_anonymous true", None),
        ("/b", 1, "", None),
        ("/b", 1, None, "root x"),
    ],
)
def test_settings_that_would_break_the_file_are_refused(
    folder: str, port: int, bind: str | None, user: str | None
) -> None:
    with pytest.raises(ContractError, match="allowed"):
        Settings(Path(folder), port, bind, user)


def test_the_brokers_folder_never_holds_the_authoritys_key(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "pki")
    apply.install(authority, Settings(tmp_path / "broker"), HALL, BOXES)
    assert sorted(p.name for p in (tmp_path / "broker").iterdir()) == [
        "acl", "ca.crt", "crl.pem", "mosquitto.conf", "server.crt", "server.key",
    ]  # fmt: skip
    secret = (authority.folder / "ca.key").read_bytes()
    assert all(p.read_bytes() != secret for p in (tmp_path / "broker").iterdir())


def test_a_reload_never_signals_a_stranger(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "mosquitto.pid").write_text(f"{stranger.pid}\n")
        with pytest.raises(ConfigError, match="running mosquitto"):
            apply.reload(tmp_path)
        with pytest.raises(ConfigError, match="running mosquitto"):
            apply.reload(tmp_path, stranger.pid)
        assert stranger.stdin is not None
        stranger.stdin.close()
        assert stranger.wait(10) == 0 != -signal.SIGHUP


@pytest.mark.parametrize("text", [None, "", "many", "99999999"])
def test_a_pid_file_that_leads_nowhere_is_named(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "mosquitto.pid").write_text(text)
    with pytest.raises(ConfigError, match=r"mosquitto\.pid"):
        apply.reload(tmp_path)


def test_without_mosquitto_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(PermanentDeviceError, match="apt-get install mosquitto"):
        broker.Broker(tmp_path, HALL, BOXES).start()


def run(name: str, *words: object) -> int:
    module = {"pki": pki_command, "broker": broker_command}[name]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return int(module.run(parser.parse_args([str(w) for w in words])))


HALL_JSON = Path(__file__).parents[1] / "vectors" / "hall" / "small.json"


def test_the_commands_take_a_hall_from_nothing_to_a_reloaded_broker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pki, folder = tmp_path / "pki", tmp_path / "broker"
    assert run("pki", "init", "--pki", pki, "--name", "hall.example") == 0
    assert run("pki", "issue", "coordinator", "kiosk-1", "board-1", "--pki", pki) == 0
    assert run("broker", "render", "--pki", pki, "--hall", HALL_JSON, "--folder", folder, "--port", 8883) == 0
    assert run("pki", "renew", "kiosk-1", "--pki", pki) == 0
    assert run("pki", "revoke", "board-1", "--pki", pki) == 0
    capsys.readouterr()
    assert run("pki", "list", "--pki", pki) == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["(broker)", "valid"],
        ["board-1", "revoked"],
        ["coordinator", "valid"],
        ["kiosk-1", "valid"],
        ["kiosk-1", "valid"],
    ]
    assert run("pki", "renew-broker", "--pki", pki) == 0
    crl = (folder / "crl.pem").read_bytes()
    with pytest.raises(ConfigError, match=r"mosquitto\.pid"):
        run("broker", "reload", "--pki", pki, "--hall", HALL_JSON, "--folder", folder)
    assert (folder / "crl.pem").read_bytes() != crl


def test_an_error_of_a_command_is_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "vikno.py", "pki", "issue", "kiosk-1", "--pki", str(tmp_path / "none")],
        capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 2
    assert "vikno pki init" in done.stderr
    assert "Traceback" not in done.stderr
