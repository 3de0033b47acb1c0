"""Every word the screens, the paper and the board say, by key, in five languages; numbers, times and money beside them.

The source is locale/LANG/LC_MESSAGES/vikno.po; what is read is the .mo beside it (`python -m look.compile`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("uk", "ru", "kk", "ky", "en")
LOCALE = Path(__file__).parent / "locale"

_Day = date
_BABEL = {"en": "en_GB"}
"""Where Babel's name differs: halls write 17 March, not March 17."""


class Texts:
    """The catalogue of one language. Immutable, cheap to make: share or remake it freely.

    Raises: KeyError: there is no catalogue of `language`.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise KeyError(f"no texts in {language!r}: there are {', '.join(LANGUAGES)}")
        self.language = language
        self._catalogue = _catalogue(language)

    def get(self, key: str, **placeholders: object) -> str:
        """The text of `key` with its placeholders filled. Raises: KeyError: unknown key, or a placeholder not given."""
        return _filled(key, self._catalogue.gettext(key), placeholders)

    def plural(self, key: str, count: int, **placeholders: object) -> str:
        """The form of `key` for `count` by the language's CLDR rule; `{count}` is filled. Raises: KeyError, as `get`."""
        return _filled(key, self._catalogue.ngettext(key, key, count), {"count": count, **placeholders})

    def minutes(self, count: int) -> str:
        """`count` minutes in words: "1 хвилина", "5 хвилин"."""
        return self.plural("common.minutes", count)

    def wait(self, low: int, high: int | None) -> str:
        """A wait told in minutes: "15–25 хв"; `high` None: "60 хв або довше"."""
        if high is None:
            return self.get("common.minutes_or_more", from_min=low)
        return self.get("common.minutes_range", from_min=low, to_min=high)

    def time(self, moment: datetime, zone: tzinfo) -> str:
        """Time of day at `zone` as HH:MM, 24 hours in every language. Raises: ValueError: `moment` has no time zone."""
        return _at(moment, zone).strftime("%H:%M")

    def date(self, moment: datetime, zone: tzinfo) -> str:
        """Day and month at `zone`: "17 березня". Raises: ValueError: `moment` has no time zone."""
        from babel.dates import format_skeleton

        return str(format_skeleton("MMMMd", _at(moment, zone), locale=_locale(self.language)))

    def day(self, day: _Day) -> str:
        """A whole date in words: "17 березня 2026 р."."""
        from babel.dates import format_date

        return str(format_date(day, "long", locale=_locale(self.language)))

    def money(self, amount_minor: int, currency: str) -> str:
        """`amount_minor` (1/100) of an ISO `currency`, without ".00": "618 грн", "49,92 грн".

        Raises: KeyError: there is no text `money.<currency>`.
        """
        from babel.numbers import format_decimal

        pattern = "#,##0" if amount_minor % 100 == 0 else "#,##0.00"
        amount = format_decimal(Decimal(amount_minor) / 100, pattern, locale=_locale(self.language))
        return self.get(f"money.{currency}", amount=amount)


class _Unknown(NullTranslations):
    """The end of the look-up: a key that no catalogue holds is a mistake in the program, never shown to a visitor."""

    def gettext(self, message: str) -> NoReturn:
        raise KeyError(f"no text {message!r}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> NoReturn:  # noqa: ARG002 - gettext's signature
        raise KeyError(f"no text with plural forms {msgid1!r}")


@lru_cache
def _catalogue(language: str) -> GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "vikno.mo").open("rb") as file:
        catalogue = GNUTranslations(file)
    catalogue.add_fallback(_Unknown())
    return catalogue


@lru_cache
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(_BABEL.get(language, language))


def _filled(key: str, text: str, placeholders: Mapping[str, object]) -> str:
    try:
        return text.format_map(placeholders)
    except KeyError as exc:
        raise KeyError(f"text {key!r} needs {exc.args[0]!r}") from exc


def _at(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(zone)
