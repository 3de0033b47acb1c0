"""`vikno voice`: fill the voice bank with espeak-ng where people have recorded nothing, say what is missing, and hear a call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract.errors import PermanentDeviceError
from contract.hints import HINTS
from displays.voice import espeak, grammar, sound
from displays.voice.bank import Bank, Stock
from displays.voice.config import FOLDER
from displays.voice.grammar import Pause, Segment, Sentence, Words
from displays.voice.words import LANGUAGES, words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which bank, which languages."""
    what = parser.add_subparsers(dest="what", required=True, metavar="render|list|say")
    for name, text in (
        ("render", "speak every segment that is missing with espeak-ng"),
        ("list", "every segment with what is to be read aloud for it, and where it comes from"),
        ("say", "a call in words and, with --wav, as sound; espeak-ng speaks what the bank has not"),
    ):
        one = what.add_parser(name, help=text)
        one.add_argument("--folder", type=Path, default=FOLDER, help=f"the bank (default: {FOLDER})")
        one.add_argument(
            "--lang", action="append", choices=LANGUAGES, help="one language; may be repeated (default: all)"
        )
    one.add_argument("--label", default="A047", help="the ticket (default: A047)")
    one.add_argument("--window", type=int, default=3, help="its window (default: 3)")
    one.add_argument("--wav", type=Path, metavar="FOLDER", help="write LANGUAGE.wav there, chime and call")


def run(args: argparse.Namespace) -> int:
    """0 when the bank is whole or the call could be said, 1 when segments are missing or unusable, or it could not."""
    bank = Bank(args.folder)
    if args.what == "say":
        return _say(bank, args)
    act = {"render": _render, "list": _list}[args.what]
    whole = [act(bank, words(language)) for language in args.lang or LANGUAGES]
    return 0 if all(whole) else 1


def _render(bank: Bank, of: Words) -> bool:
    missing = bank.stock(of).missing
    if missing and not espeak.installed():
        raise PermanentDeviceError(espeak.PROGRAM, "speech_missing", HINTS["speech_missing"].step)
    for number, name in enumerate(missing, 1):
        if sys.stdout.isatty():
            end = "\n" if number == len(missing) else ""
            print(f"\r{of.language}: rendering {number} of {len(missing)}", end=end, flush=True)
        bank.keep_rendered(Segment(of.language, name), espeak.speak(grammar.espeak_script(of, name), of.espeak_voice))
    stock = bank.stock(of)
    _tell(of, stock)
    return not stock.missing and not stock.unusable


def _list(bank: Bank, of: Words) -> bool:
    stock = bank.stock(of)
    for name in grammar.needed(of):
        where = "recorded" if name in stock.recorded else "rendered" if name in stock.rendered else "missing"
        print(f"{of.language}  {name:<14} {where:<9} {grammar.script(of, name)}")
    _tell(of, stock)
    return not stock.missing and not stock.unusable


def _say(bank: Bank, args: argparse.Namespace) -> int:
    calls = [(of, grammar.call(of, args.label, args.window)) for of in map(words, args.lang or LANGUAGES)]
    for of, sentence in calls:
        print(f"{of.language}: {sentence.text if sentence else 'these words cannot be said'}", flush=True)
    for of, sentence in calls if args.wav else ():
        if sentence:
            (args.wav / f"{of.language}.wav").write_bytes(sound.wav(_heard(bank, of, sentence)))
    return 0 if all(sentence for _, sentence in calls) else 1


def _heard(bank: Bank, of: Words, sentence: Sentence) -> sound.Samples:
    """The call as the hall hears it."""
    pieces = (float(part.ms) if isinstance(part, Pause) else _segment(bank, of, part) for part in sentence.parts)
    return sound.joined([sound.chime(), float(sound.AFTER_CHIME_MS), *pieces], grammar.JOIN_MS)


def _segment(bank: Bank, of: Words, segment: Segment) -> sound.Samples:
    kept = bank.samples(segment)
    return kept if kept is not None else espeak.speak(grammar.espeak_script(of, segment.id), of.espeak_voice)


def _tell(of: Words, stock: Stock) -> None:
    counts = f"{len(stock.recorded)} recorded, {len(stock.rendered)} rendered, {len(stock.missing)} missing"
    print(f"{of.language}: {counts}")
    for file in stock.unusable:
        print(f"  {file}: not a WAV file of 22,050 Hz, mono, 16 bit, at most 20 s: not used")
    for doubt in of.review:
        print(f"  a native speaker should hear: {doubt}")
