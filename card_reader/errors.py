"""Why a card was not read: one named code each, and the errors that carry them. Pure. No text here holds personal data."""

from __future__ import annotations

from enum import StrEnum

from contract.errors import ContractError, ViknoError


class Code(StrEnum):
    """Result of a read that gave no data. The screen's words are looked up by it."""

    NO_READER = "no_reader"
    """No reader is connected, or none whose name fits the configuration."""
    SERVICE_DOWN = "service_down"
    """pcscd does not answer, or was restarted during the read: try again."""
    CARD_REMOVED = "card_removed"
    """The card left the field while it was read, as often as may be tried."""
    CARD_TAPPED = "card_tapped"
    """The card was there for less than half a second: it must be left lying."""
    SEVERAL_CARDS = "several_cards"
    """The card changed during the read, or answered unsteadily: one card only."""
    WRONG_KEY = "wrong_key"
    """The chip refused the MRZ fields or the CAN: compare and type again."""
    TOO_MANY_TRIES = "too_many_tries"
    """The chip refused three keys in a row: a person must help."""
    BAD_KEY = "bad_key"
    """A check digit or a date of the typed or swiped key is wrong; the chip was not touched."""
    KEY_NEEDED = "key_needed"
    """This card opens only with its MRZ fields or its CAN."""
    MESSAGING_BROKEN = "messaging_broken"
    """Secure messaging failed: bad MAC, malformed or missing objects."""
    DATA_ALTERED = "data_altered"
    """What is on the chip is not what the state signed: nothing of it may be used."""
    CARD_MISMATCH = "card_mismatch"
    """The chip's MRZ is not the one it was opened with."""
    NOT_ID_CARD = "not_id_card"
    """A bank, transit or storage card."""
    CARD_DEAD = "card_dead"
    """There is a card, but its chip does not answer."""
    CARD_ERROR = "card_error"
    """The chip answers against the standard, or with a status that does not let us go on."""
    UNSUPPORTED = "unsupported"
    """The card offers only ways in that are not built."""
    CARD_IN_USE = "card_in_use"
    """Another program holds the card."""
    NO_CARD = "no_card"
    """Nobody laid a card on the reader in time."""
    CANCELLED = "cancelled"
    """The caller gave up."""
    WORKER_LOST = "worker_lost"
    """The reading process ended; a new one is started."""


class CardError(ViknoError):
    """A read cannot go on; `code` says why, the text how, without anything from the card."""

    code = Code.CARD_ERROR

    def __init__(self, text: str, code: Code | None = None) -> None:
        self.code = code or type(self).code
        super().__init__(text)


class DataError(CardError, ContractError):
    """Bytes from the card or a swipe reader do not follow their format."""


class StatusError(CardError):
    """The chip refused a command; `sw` is its status word."""

    def __init__(self, what: str, sw: int) -> None:
        self.sw = sw
        super().__init__(f"{what}: status {sw:04X}")


class SessionLost(CardError):  # noqa: N818 - says what happened
    """Secure messaging ended: the keys are dead, only a new authentication helps. `sw`: the plain status, 0 for a bad answer."""

    code = Code.MESSAGING_BROKEN

    def __init__(self, text: str, sw: int = 0) -> None:
        self.sw = sw
        super().__init__(text)


class WrongKey(CardError):  # noqa: N818 - says what happened
    """The chip refused the password."""

    code = Code.WRONG_KEY


class CardRemoved(CardError):  # noqa: N818 - says what happened
    """The card is gone, whatever the reader calls it."""

    code = Code.CARD_REMOVED


class Cancelled(CardError):  # noqa: N818 - says what happened
    """The caller gave up."""

    code = Code.CANCELLED
