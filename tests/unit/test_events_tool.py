"""The reading of log events from code and from the document."""

from __future__ import annotations

from pathlib import Path

from support.events import Event, in_code, in_docs

CODE = """
def f(log, self, fields, name):
    log.info("a.b", user=1, **{"from": 2})
    self._log.warning("a.b", reason=3)
    self._desk.log.error("c.d" if name else "e.f", exc_info=True)
    log.bind(task=1).debug("g.h")
    log.info(name)
    log.info("i.j", **fields)
    catalog.info("no.log")
    math.log(3)


def g(log, on):
    keys = {"before": 1, "after": 2}
    say = log.info
    say("k.l", user=1, **keys)
"""


def test_events_levels_and_keys_are_read_off_the_code(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(CODE)
    found = in_code(tmp_path)
    assert found.events["a.b"] == Event(
        frozenset({"info", "warning"}), frozenset({"user", "from", "reason"})
    )
    assert found.events["c.d"] == found.events["e.f"]
    assert found.events["c.d"].keys == {"exception"}
    assert found.events["k.l"] == Event(frozenset({"info"}), frozenset({"user", "before", "after"}))
    assert set(found.events) == {"a.b", "c.d", "e.f", "g.h", "i.j", "k.l"}
    assert found.bound == {"task"}
    assert [problem.partition(": ")[0] for problem in found.problems] == ["m.py:7", "m.py:8"]


def test_rows_are_read_off_the_document(tmp_path: Path) -> None:
    (tmp_path / "d.md").write_text(
        "| event | level | keys | meaning |\n|---|---|---|---|\n"
        "| `a.b` | info, warning | `user`, `from` | It happened. |\n| `c.d` | error | | It did. |\n"
    )
    assert in_docs(tmp_path / "d.md") == {
        "a.b": Event(frozenset({"info", "warning"}), frozenset({"user", "from"})),
        "c.d": Event(frozenset({"error"}), frozenset()),
    }
