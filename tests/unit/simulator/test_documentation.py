"""docs/simulator.md names everything that exists, and nothing that does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from onvio_agent.cli.simulator import command
from onvio_agent.simulator.faults import KINDS, Fault
from onvio_agent.simulator.journal import Entry
from onvio_agent.simulator.limits import LimitsPatch
from onvio_agent.simulator.seed import Client, Office, Seed, SeedAccount, read_seed
from onvio_agent.simulator.serve import Ready
from onvio_agent.simulator.serve_control import Control
from onvio_agent.simulator.tokens import Rotation
from support.cloud import DirectCloud

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text("utf-8")


def section(title: str) -> str:
    """The text below a heading, up to the next heading."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.M | re.S)
    assert match, title
    return match[1]


def names_in(text: str, column: int = 0) -> list[str]:
    """What stands in backticks in one column of a section's tables."""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[column])]


def test_the_fault_kinds_are_the_documented_ones() -> None:
    assert sorted(names_in(section("Faults"))) == sorted(KINDS)


def test_the_control_routes_are_the_documented_ones() -> None:
    documented = {name.partition("?")[0] for name in names_in(section("The control side"))}

    async def nothing() -> None:
        """No effect."""

    routes = Control(DirectCloud().cloud, nothing).routes()
    existing = {
        f"{method} {route.path}"
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert documented == existing


def test_the_control_bodies_are_the_documented_ones() -> None:
    documented = names_in(section("The control side"), column=1)
    for kind in (Fault, LimitsPatch, Rotation):
        assert set(kind.__struct_fields__) <= set(documented), kind


def test_the_seed_keys_are_the_documented_ones() -> None:
    existing = {
        *(f"office.{key}" for key in Office.__struct_fields__),
        *(f"accounts[].{key}" for key in SeedAccount.__struct_fields__),
        *(f"clients[].{key}" for key in Client.__struct_fields__),
        *Seed.__struct_fields__,
    } - {"office", "accounts", "clients"}
    assert set(names_in(section("Seed"))) == existing


def test_the_example_seed_can_be_used() -> None:
    blocks = re.findall(r"```json\n(.*?)```", section("Seed"), re.S)
    assert len(blocks) == 1
    assert read_seed(blocks[0].encode()).accounts[0].role == "administrator"


def test_the_journal_keys_are_the_documented_ones() -> None:
    assert set(names_in(section("Journal"))) == set(Entry.__struct_fields__)


@pytest.mark.parametrize("key", Ready.__struct_fields__)
def test_the_ready_file_is_documented(key: str) -> None:
    assert f"`{key}`" in section("Start it")


def test_the_options_are_the_documented_ones() -> None:
    documented = {name.split()[0] for name in names_in(section("Start it"))}
    existing = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    assert documented == existing
