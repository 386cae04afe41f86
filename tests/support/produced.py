"""Which reasons a test has produced on real parts: given by a real agent, its control API or a command.

`PRODUCED_PATH` names for every reason the test that produces it, or why none does. `docs/reasons.md` shows
it, and that test fails where it does not produce the reason any more. With `RECORD_REASONS=1` a run writes
down what it has heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from onvio_agent.contract.reasons import CATALOGUE

ROOT = Path(__file__).parents[2]
PRODUCED_PATH = Path(__file__).parent / "produced.json"
REAL = ("tests/integration/", "tests/e2e/")
"""Where tests run on real parts."""

_SAID = re.compile(r'(?:"(?:code|reason|broken|why)": ?|data-reason=)"([a-z_.]+)"')
_ON_STDERR = re.compile(r"(?:^|: )([a-z_.]+): ", re.MULTILINE)
_heard: list[dict[str, None]] = []


def hear(said: str | bytes) -> None:
    """Answers of the control API, pages of the panel, lines of the log, documents on stdout."""
    _note(_SAID, said)


def hear_refusal(said: str | bytes) -> None:
    """What a command says on stderr: the code comes first."""
    _note(_ON_STDERR, said)


@contextmanager
def listening() -> Iterator[dict[str, None]]:
    """Collects the codes of whatever is heard meanwhile."""
    found: dict[str, None] = {}
    _heard.append(found)
    try:
        yield found
    finally:
        _heard.remove(found)


def promised(test: str) -> list[str]:
    """The reasons that the test of that name (pytest's node id) is to produce."""
    return [code for code, name in read()["tests"].items() if name == test]


def told(heard: Iterable[tuple[str, list[str]]], *, whole: bool) -> str:
    """How many of all reasons a run has produced, and of a whole one which it has not."""
    codes = {code: None for _name, found in heard for code in found}
    lacking = ", ".join(code for code in CATALOGUE if code not in codes)
    count = f"{len(codes)} of {len(CATALOGUE)} reasons were produced on real parts"
    return f"{count}; not: {lacking}" if lacking and whole else count


def absent(ran: Iterable[str]) -> list[str]:
    """Tests that are named for a reason and are not among those that ran, or were skipped."""
    known = dict.fromkeys(ran)
    return [name for name in dict.fromkeys(read()["tests"].values()) if name not in known]


def read() -> dict[str, dict[str, str]]:
    """`tests`: code to the test that produces it; `not_here`: code to why none does."""
    found: dict[str, dict[str, str]] = json.loads(PRODUCED_PATH.read_text(encoding="utf-8"))
    return found


def record(heard: Iterable[tuple[str, list[str]]]) -> None:
    """Writes down what tests have produced. A test that is named for a reason and produces it stays;
    of new ones the first whose file speaks of the reason."""
    by_test = dict(sorted(heard))
    known = read()
    tests = {
        code: name
        for code, name in known["tests"].items()
        if name not in by_test or code in by_test[name]
    }
    sources = {path: (ROOT / path).read_text() for path in map(_path_of, by_test)}
    for code in [each for each in CATALOGUE if each not in tests]:
        makers = [name for name, codes in by_test.items() if code in codes]
        speaking = [name for name in makers if f'"{code}"' in sources[_path_of(name)]]
        if makers:
            tests[code] = (speaking or makers)[0]
    in_order = {code: tests[code] for code in CATALOGUE if code in tests}
    not_here = {code: why for code, why in known["not_here"].items() if code not in in_order}
    text = json.dumps({"tests": in_order, "not_here": not_here}, indent=1, ensure_ascii=False)
    PRODUCED_PATH.write_text(text + "\n", encoding="utf-8")


def _path_of(test: str) -> str:
    return test.partition("::")[0]


def _note(pattern: re.Pattern[str], said: str | bytes) -> None:
    if not _heard:
        return
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    codes = {code: None for code in pattern.findall(text) if code in CATALOGUE}
    for found in _heard:
        found.update(codes)
