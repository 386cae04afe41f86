"""docs/simulation.md lists every fault and promise, and its examples work as they stand there."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest

from simulation import faults, invariants
from simulation.invariants import Invariant
from simulation.life import Life
from simulation.plan import Plan
from support.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "simulation.md")
EXAMPLE = re.compile(r"^```python\n# (\w+)/(\w+)\.py\n(.*?)^```", re.DOTALL | re.MULTILINE)
LISTED = re.compile(r"^\| `(\w+)\.py` \|", re.MULTILINE)


def example(folder: str) -> Any:
    """The page's example of a file in that folder, as a module."""
    ((name, source),) = [
        (name, text) for where, name, text in EXAMPLE.findall(PAGE) if where == folder
    ]
    module = ModuleType(name)
    exec(compile(source, f"{folder}/{name}.py", "exec"), module.__dict__)  # noqa: S102 - our page
    return module


def test_every_fault_and_every_promise_is_listed() -> None:
    there = [module.__name__.rpartition(".")[2] for module in faults.ALL]
    there += [promise.__module__.rpartition(".")[2] for promise in invariants.ALL]
    assert sorted(LISTED.findall(PAGE)) == sorted(there)


def test_the_example_of_a_fault_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "ALL", (example("faults"),))
    life = Life(Plan(seed=2, hours=24, kills=False)).run()
    assert len(life.struck) > 3
    assert not life.violations


def test_the_example_of_a_promise_is_kept_and_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    promise: type[Invariant] = example("invariants").PasswordsSignIn
    monkeypatch.setattr(invariants, "ALL", (promise,))
    assert not Life(Plan(seed=2, hours=6)).run().violations
    life = Life(Plan(seed=2, hours=6))
    seen: Any = life.invariants[0]
    sent = type("Sent", (), {"form": (("password", "x"),), "target": "api", "path": "/x"})
    seen.on_sent(life, sent)
    assert [each.invariant for each in life.violations] == ["password"]


def test_the_example_of_a_mutant_is_found() -> None:
    mutant = example("mutants")
    with mutant.apply():
        life = Life(Plan(seed=mutant.SEED, hours=mutant.HOURS)).run()
    assert life.violations
    assert not Life(Plan(seed=mutant.SEED, hours=mutant.HOURS)).run().violations
