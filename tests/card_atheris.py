"""The readers of `tests/card_fuzz.py` fed by atheris, led by what each input covers: `python -m tests.card_atheris --inputs 1000000`.

Needs the extra `fuzz` (atheris), which no lock holds. The first byte of an input chooses the reader, the rest is its input; it begins
with one good sample for each. A reader that lets anything slip but a named error ends the run with the input and its trace.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["card_reader", "contract"]):
    from contract.errors import ViknoError
    from tests.card_fuzz import targets

TARGETS = targets()


def one_input(data: bytes) -> None:
    """A value or a named error."""
    if data:
        try:
            TARGETS[data[0] % len(TARGETS)][1](data[1:])
        except ViknoError:
            return


def main() -> None:
    """So many inputs in all; a corpus folder keeps what was found for the next run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--corpus", type=Path, help="kept there; left out: forgotten")
    options = parser.parse_args()
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="card-fuzz-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (name, _, sample) in enumerate(TARGETS):
        (corpus / name.replace(" ", "-").replace("/", "-")).write_bytes(bytes((number,)) + sample)
    atheris.Setup([sys.argv[0], str(corpus), f"-runs={options.inputs}", "-max_len=3072", "-rss_limit_mb=0"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
