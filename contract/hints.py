"""Fault → likely cause → next step, in words a technician or an operator understands. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Hint:
    """`cause`: what is most likely behind the fault. `step`: what the reader does next.

    `urgency`: `stop`, the device does not do its work until a person acts; `warn`, it works, and a person must act soon;
    `wait`, it ends by itself.
    """

    cause: str
    step: str
    urgency: Literal["stop", "warn", "wait"] = "stop"


HINTS: dict[str, Hint] = {
    "broker_unreachable": Hint(
        "`mosquitto` is not running, or the network between this box and the hall's broker is down",
        "on the broker: `systemctl status mosquitto`; on this box: check the cable and the broker address in its TOML file",
    ),
    "broker_missing": Hint(
        "`mosquitto` is not installed on this machine",
        "install it: `sudo apt-get install mosquitto` (the Debian package; it needs no configuration of its own)",
    ),
    "broker_start_failed": Hint(
        "`mosquitto` ended at once: its port is taken, or a file of its folder cannot be read",
        "read the last lines of `mosquitto.log` in its folder; free the port or give the files to `mosquitto`'s user",
    ),
    "certificate_refused": Hint(
        "the certificate was revoked, has expired, or belongs to another hall",
        "issue a new one on the coordinator: `vikno pki issue <device>`, and copy it to this box",
    ),
    "coordinator_silent": Hint(
        "the coordinator is stopped, restarting, or the broker hides it",
        "on the coordinator: `systemctl status vikno-coordinator`; commands are asked again by the same id, nothing is doubled",
    ),
    "box_lost": Hint(
        "the box has no power or no network, or its program ended",
        "look at its power and network cable; on it: `systemctl status`, and the last lines of its log",
    ),
    "box_left": Hint("the box's program was stopped by a person", "start it again when the work on the box is done"),
    "box_silent": Hint(
        "the box has said nothing of its health for over a minute: it hangs, or it went while the broker was away",
        "look at its screen and network cable; on it: `systemctl status`, and the last lines of its log",
    ),
    "box_unseen": Hint(
        "never seen: it is not installed, or its certificate or its broker address is wrong",
        "install it (`vikno pki issue <device>`), or read its log for `broker_unreachable`; not needed: take it out of the hall document",
    ),
    "document_ignored": Hint(
        "the hall document's file is another document than the one published with the same revision: the published one is in force",
        "make the file's revision one higher than the one in force (the page Changing the hall shows it), and restart the coordinator",
        "warn",
    ),
    "clock_jump": Hint(
        "the clock of this machine was set by more than two seconds while the coordinator ran",
        "check the time (`timedatectl`); hall time goes on steadily, restart the coordinator after closing to follow the new time",
        "warn",
    ),
    "disk_low": Hint(
        "the disk that holds the journal is nearly full",
        "free space on it (old logs, old backups); the coordinator accepts commands again by itself",
    ),
    "facts_missed": Hint(
        "the hall's journal was put back from a backup: what this box told since then is not in it",
        "compare this box's printed tickets of today with the hall's; restart the coordinator when that is done",
        "warn",
    ),
    "forecast_dead": Hint(
        "the program that works out waiting times ends again and again: too little memory, or a bug",
        "read its last lines in the coordinator's log (`journalctl -u vikno-coordinator`); tickets go on, without a wait told",
        "warn",
    ),
    "payment_device_missing": Hint(
        "the card terminal or the note acceptor is switched off, its cable is out, or its address is wrong",
        "check its power and cable, then the address in this box's TOML file",
    ),
    "payment_device_busy": Hint(
        "the card terminal is doing something else: a menu is open, or an earlier operation has not ended",
        "look at its screen, finish or cancel what stands there",
        "warn",
    ),
    "payment_device_mute": Hint(
        "the card terminal does not tell its last receipt, so an interrupted sale could not be settled",
        "try again; if it stays so, ask the acquirer to let the till control the terminal alone (registration bits 10 and 20)",
    ),
    "payment_device_stranger": Hint(
        "at the card terminal's address another certificate answers: the terminal was reset or exchanged, or somebody stands between",
        "look which device it is; where it is ours, `vikno pos-doctor` prints its pin for this box's TOML file",
    ),
    "payment_device_unpaired": Hint(
        "the card terminal does not know this box: never allowed, or its permission ran out",
        "`vikno pos-doctor --pair`, and allow it on the terminal's own screen",
    ),
    "payment_device_paper": Hint(
        "the card terminal's own printer has no paper, and it sells nothing without",
        "put a roll into the card terminal",
    ),
    "payment_unknown": Hint(
        "a payment was interrupted, and the card terminal's own receipts do not prove how it ended",
        "compare the card terminal's report with the payment on the consoles' page of money, and decide it there with a reason",
        "warn",
    ),
    "fiscal_away": Hint(
        "the fiscal registrar's service does not answer: the internet is down, or it is",
        "check this box's way to the internet and the registrar's status page; sales go on, and are registered when it is back",
        "warn",
    ),
    "fiscal_refused": Hint(
        "the fiscal registrar refused a receipt: its licence, its cashier or a tax code is wrong",
        "read why in the terminal's log (`fiscal.refused`), put it right in the registrar's own account; it is asked again by itself",
        "warn",
    ),
    "note_in_doubt": Hint(
        "power or the line was lost while a banknote was being taken",
        "at the next collection count the cassette, and hold it against the totals",
        "warn",
    ),
    "acceptor_jam": Hint("a banknote is stuck in the acceptor", "open it, take the note out, note it down, close it"),
    "acceptor_failure": Hint(
        "the note acceptor says that a part of it does not work", "switch it off and on; if it says so again, change it"
    ),
    "acceptor_cheated": Hint(
        "the acceptor saw a note being pulled back",
        "look at the acceptor; the session's money is kept for its claim slip",
        "warn",
    ),
    "cassette_full": Hint("the acceptor's cassette is full", "collect it and put in an empty one"),
    "cassette_out": Hint("the acceptor's cassette is out", "put a cassette in until it clicks"),
    "assistance": Hint(
        "a visitor at a kiosk, or somebody at a help button, asks for a person",
        "go to the kiosk or button named in the message",
        "warn",
    ),
    "paper_out": Hint("the paper roll is empty", "put in a new roll; printing goes on by itself"),
    "paper_low": Hint("the paper roll is nearly empty", "have a new roll ready", "warn"),
    "sheets_out": Hint(
        "the sheet printer's tray is empty", "put paper into the tray; what was to be printed is not printed later"
    ),
    "toner_out": Hint("the sheet printer has no toner or ink", "put in a new cartridge"),
    "cover_open": Hint("the printer's cover is open", "close the cover until it clicks"),
    "cutter_error": Hint(
        "the cutter is blocked by paper", "open the cover, remove the paper, close it, switch the printer off and on"
    ),
    "paper_jam": Hint("paper is stuck in the printer", "open the cover, pull the paper out, close it until it clicks"),
    "printer_unsupported": Hint(
        "the printer speaks a language that cannot prove what it printed (Star)",
        "put in a printer of the table in `docs/devices.md`, or switch this one to ESC/POS and name a model in the TOML file",
    ),
    "printer_error": Hint(
        "the printer reports an error it cannot clear", "switch it off and on; if it returns, call a technician"
    ),
    "printer_offline": Hint(
        "the printer was switched off line, or somebody holds its feed button",
        "release the button; switch it off and on if it stays",
    ),
    "printer_settling": Hint(
        "printing was interrupted, and the printer has not yet said that it forgot the paper",
        "wait a moment; if it stays, switch the printer off and on",
        "wait",
    ),
    "printer_lent": Hint(
        "a neighbouring kiosk prints here", "wait a moment; it gives the printer back within half a minute", "wait"
    ),
    "device_missing": Hint(
        "the device does not answer on its address", "check its cable and power, then the device URL in the TOML file"
    ),
    "display_wrong": Hint(
        "a window display shows another thing than was written to it: noise on its line, another baud rate, or two with one address",
        "check its baud and address switches, then the line's ends and its screen; it is written again every five seconds",
    ),
    "card_reader_missing": Hint(
        "no card reader is connected, or none whose name fits the configuration",
        "plug it in again (on a Raspberry Pi: into a powered hub); `vikno card-doctor` tells what is seen",
    ),
    "card_service_down": Hint(
        "`pcscd` does not run, or refuses this user",
        "`systemctl status pcscd`; on Debian 13 and later the user needs the `polkit` rule for `pcsc-lite`",
    ),
    "card_reader_faulty": Hint(
        "the conversation with two cards in a row broke in its middle",
        "take metal and phones off the reader, plug it in again; if it returns, replace the reader",
    ),
    "voice_missing": Hint(
        "the voice bank lacks words of this language: never filled, or recordings are missing or of a wrong format",
        "on the voice box: `./vikno voice render`; it says what is missing and fills it with `espeak-ng`",
        "warn",
    ),
    "speech_missing": Hint(
        "`espeak-ng`, which speaks a manager's own texts, is not installed on the voice box",
        "install it: `sudo apt-get install espeak-ng`",
        "warn",
    ),
    "speaker_failed": Hint(
        "the program that plays sounds ended with an error or did not end: no sound device, or another program holds it",
        "on the voice box: `aplay -l` must list the device; check the speaker's cable and the player in the TOML file",
    ),
    "mrz_reader_missing": Hint(
        "the reader of machine-readable zones does not answer on its serial line",
        "check its cable and power, then the address after `swipe` in the TOML file; cards can be opened by typing meanwhile",
    ),
    "register_away": Hint(
        "a register does not answer: its machine or the line to it is down, or it is being worked on",
        "wait a moment; if it stays, call who runs that register, its name stands behind the fault",
        "wait",
    ),
    "register_refused": Hint(
        "the connector to registers does not let this terminal ask, or a register does not let the connector",
        "put the terminal's id into `allow` of the connector's TOML file; for a register: give its owner the connector's public key",
    ),
    "register_limit": Hint(
        "a terminal asks the registers more often than `per_minute` allows: somebody tries codes, or the limit is too low for this hall",
        "look who stands before the terminal named behind the fault; if many pay there, raise `per_minute` in the connector's TOML file",
        "warn",
    ),
    "register_faulty": Hint(
        "a register and the connector, or the connector and a terminal, do not speak the same contract",
        "bring both to one version of Vikno; for a foreign register: hold its answers against `docs/registers.md`",
    ),
    "pad_unbound": Hint(
        "a button pad answers that is bound to no window",
        "choose its window on the page Changing the hall, Devices; or `vikno hall bind FILE UID WINDOW`, then restart the coordinator",
        "warn",
    ),
    "firmware_mismatch": Hint(
        "the pad runs firmware this bridge does not speak", "update the pad: see `firmware_bridge/PROTOCOL.md`"
    ),
    "firmware_failed": Hint(
        "new firmware did not prove itself in this pad, or came damaged: it runs the one it had",
        "pull the pad's cable and plug it in again; if it stays, update it by `mpremote`: see `docs/pads.md`",
        "warn",
    ),
    "address_twice": Hint(
        "two pads on one RS-485 line were set up with the same address; one has another until it is switched off",
        "give one of them another address, or the word `bus`, in its file `address`: see `docs/pads.md`",
        "warn",
    ),
    "bus_full": Hint(
        "more pads are on the RS-485 line than its URL has addresses for",
        "raise `pads=` in the bridge's TOML file, or put this pad on another line",
    ),
    "gpio_missing": Hint(
        "this machine has no GPIO that `lgpio` can use, or a pin is taken: buttons, lamps and switches of the Pi are dead",
        "on a Raspberry Pi: `sudo apt-get install python3-lgpio`, add the user to the group `gpio`, check the pin numbers",
    ),
    "door_open": Hint(
        "the door of this box is open",
        "close it; if nobody opened it, look who did",
        "warn",
    ),
}
