"""The import contracts name modules one by one: a new part must not slip through a list unnamed."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from arch.sources import ROOT

CONTRACTS = {
    each["name"]: each
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
FOUNDATIONS = {"clock", "contract", "errors", "i18n", "lock", "plain_text", "runtime"}
"""What any process of ours may load."""


def parts(folder: str) -> set[str]:
    """The modules and packages of a folder below agent/."""
    paths = (ROOT / "agent" / folder).iterdir()
    return {
        path.stem
        for path in paths
        if path.stem not in ("__init__", "__main__", "__pycache__", "locale")
        and (path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists()))
    }


def named(contract: str, key: str, prefix: str = "onvio_agent") -> set[str]:
    """Which of ours a contract's list names, without the prefix."""
    found: Any = CONTRACTS[contract][key]
    return {each.removeprefix(f"{prefix}.") for each in found if each.startswith(f"{prefix}.")}


LIGHT = {
    "client",
    "client_data",
    "client_errors",
    "client_sync",
    "client_wire",
    *FOUNDATIONS,
}


@pytest.mark.parametrize(
    ("contract", "allowed"),
    [
        ("the contract imports nothing of ours, the settings nothing of the agent", {"contract"}),
        ("the simulator knows only the contract", {"contract", "simulator"}),
        (
            "the tray knows the agent only through its client and its contract",
            LIGHT,
        ),
        (
            "the client stays light: command line and tray load nothing of the agent's machinery",
            LIGHT,
        ),
    ],
)
def test_what_is_not_allowed_is_forbidden_by_name(contract: str, allowed: set[str]) -> None:
    assert named(contract, "forbidden_modules") == parts("onvio_agent") - allowed


def test_all_but_the_commands_are_kept_from_the_simulator() -> None:
    contract = "only commands know the simulator: the agent cannot tell it from ONVIO"
    kept = parts("onvio_agent") - {"cli", "contract", "simulator"}
    assert named(contract, "source_modules") == kept


def test_all_of_the_simulator_but_its_doors_is_the_model() -> None:
    contract = "the simulator's model is pure: only its doors know time, chance and sockets"
    prefix, all_of_it = "onvio_agent.simulator", parts("onvio_agent/simulator")
    doors = {each for each in all_of_it if each.startswith("serve")}
    assert named(contract, "source_modules", prefix) == all_of_it - doors
    assert named(contract, "forbidden_modules", prefix) == doors
