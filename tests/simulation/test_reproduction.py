"""A failing life is told by one command that lives it again, made small."""

from __future__ import annotations

import shlex

import msgspec
import pytest

from simulation.life import Life
from simulation.mutants import pause_ignored
from simulation.plan import Plan, command, numbers, spans
from simulation.run import _arguments, explain, main, plans_of
from simulation.shrink import shrink


def typed(line: str) -> Plan:
    """The plan that `make simulate …` hands on."""
    words = []
    for word in shlex.split(line.removeprefix("make simulate ")):
        name, _, text = word.partition("=")
        words += [f"--{name.lower().replace('_', '-')}", text]
    (plan,) = plans_of(_arguments().parse_args(words))
    return plan


def failing() -> Life:
    """The first life that finds the planted bug."""
    for seed in range(1, 20):
        life = Life(Plan(seed=seed, hours=24)).run()
        if life.violations:
            return life
    raise AssertionError("nobody paused in nineteen days")


def test_a_failing_life_is_made_small_and_its_command_breaks_the_same_promise() -> None:
    with pause_ignored.apply():
        life = failing()
        small = shrink(life, cpu_max_s=20)
        assert small.parts <= 3 < life.parts
        again = Life(typed(command(small.plan))).run()
    assert again.violations == small.violations
    assert again.violations[0].invariant == life.violations[0].invariant
    assert again.universe.fingerprint() == small.universe.fingerprint()


def test_the_run_prints_the_command_the_last_events_and_one_line_of_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pause_ignored.apply():
        seed = failing().plan.seed
        words = ["--seeds", "1", "--first-seed", str(seed), "--hours", "24", "--shrink", "2"]
        assert main(words) == 1
    out, err = capsys.readouterr()
    told = msgspec.json.decode(out)
    assert [each[0] for each in told["violations"]] == [seed]
    lines = err.splitlines()
    assert lines[-1].startswith(f"make simulate SEEDS=1 FIRST_SEED={seed} HOURS=24 USERS=5")
    assert 10 < len(lines) <= 53
    assert any("VIOLATION" in line for line in lines)


def test_what_breaks_nothing_when_it_is_lived_again_is_said() -> None:
    assert "a leak of the harness" in explain(Plan(seed=1, hours=4), 1.0)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(seed=7),
        Plan(seed=40, hours=5.5, users=300, door="direct", salt=2),
        Plan(seed=1, only=frozenset({1, 2, 3, 9}), only_kills=frozenset()),
    ],
)
def test_a_command_says_the_whole_plan(plan: Plan) -> None:
    assert typed(command(plan)) == plan


def test_numbers_are_said_as_spans() -> None:
    assert spans({9, 1, 3, 2}) == "1-3,9"
    assert numbers("1-3,9") == frozenset({1, 2, 3, 9})
    assert (spans([]), numbers("none"), numbers("")) == ("none", frozenset(), None)
    with pytest.raises(ValueError, match="invalid literal"):
        numbers("some")


def test_what_is_left_out_does_not_happen() -> None:
    whole = Life(Plan(seed=2, hours=12)).run()
    none = Life(Plan(seed=2, hours=12, only=frozenset(), only_kills=frozenset())).run()
    some = Life(Plan(seed=2, hours=12, only=frozenset(whole.struck[:2]))).run()
    assert whole.parts > 5
    assert (none.parts, none.kills) == (0, 0)
    assert some.struck == whole.struck[:2]
