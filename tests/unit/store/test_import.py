"""A whole list in one transaction: all of it or nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from onvio_agent.contract.status import Role, Situation
from onvio_agent.contract.user_import import Outcome
from onvio_agent.errors import StoreFailed
from onvio_agent.office.model import Link
from onvio_agent.office.user_cells import Row
from support.aio import on_loop
from support.store_parts import (
    START,
    account,
    add_linked,
    later,
    look,
    new_user,
    opened,
    with_link,
)


def row(line: int, login: str, name: str, **says: object) -> Row:
    return Row(line=line, login=login, name=name, **says)  # type: ignore[arg-type]


@on_loop
async def test_new_users_are_added_in_order_and_names_taken_over_without_touching_links(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_user(new_user("chefe", role=Role.MANAGER), at=START)
        ana = await add_linked(store, "ana")
        rows = [
            row(2, "zoe", "Zoe"),
            row(3, "ANA", "Ana Maria", active=False, email="x@x.example"),
            row(4, "bia", "Bia", active=False),
        ]
        made = await store.import_users(rows, skip_bad=False, at=later(9))
        assert [step.outcome for step in made.steps] == [
            Outcome.ADDED,
            Outcome.RENAMED,
            Outcome.ADDED,
        ]
        users = (await store.office()).users
        assert [user.login for user in users] == ["chefe", "ana", "zoe", "bia"]
        assert (users[1].name, users[1].link, users[1].situation) == (
            "Ana Maria",
            ana.link,
            Situation.ACTIVE,
        )
        assert (users[2].link, users[2].role) == (Link(), Role.STANDARD)
        assert users[3].situation is Situation.INACTIVE


@on_loop
async def test_an_email_is_noted_for_who_is_not_linked_and_forgotten_with_the_link(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "ana")
        await store.add_user(new_user("bia"), at=START)

        async def noted(email: str) -> list[str | None]:
            rows = [
                row(line, login, login.title(), email=f"{login}@{email}")
                for line, login in enumerate(("ana", "bia", "zoe"), 2)
            ]
            await store.import_users(rows, skip_bad=False, at=START)
            return [user.link.expected_email for user in (await store.office()).users]

        assert await noted("x.example") == [None, "bia@x.example", "zoe@x.example"]
        assert await noted("y.example") == [None, "bia@y.example", "zoe@y.example"]
        bia, zoe = (await store.office()).users[1:]
        assert await store.save_link(bia.id, 0, with_link(bia, account("b")), None, at=START)
        assert await store.inactivate(zoe.id, 0, None, at=START)
        assert [user.link.expected_email for user in (await store.office()).users] == [None] * 3


@on_loop
async def test_while_a_row_is_bad_nothing_is_saved_unless_bad_ones_are_to_be_skipped(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_user(new_user("chefe", role=Role.MANAGER), at=START)
        rows = [row(2, "zoe", "Zoe"), row(3, "bia", "Bia", manager=True)]
        made = await store.import_users(rows, skip_bad=False, at=START)
        assert [fault.line for fault in made.faults] == [3]
        assert [user.login for user in (await store.office()).users] == ["chefe"]
        await store.import_users(rows, skip_bad=True, at=START)
        assert [user.login for user in (await store.office()).users] == ["chefe", "zoe"]


@on_loop
async def test_a_list_that_fails_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        rows = [row(2, "zoe", "Zoe"), row(3, "bia", "")]  # no caller sends an empty name
        with pytest.raises(StoreFailed):
            await store.import_users(rows, skip_bad=True, at=START)
        assert (await store.office()).users == ()
    assert look(path, "SELECT count(*) FROM links") == [(0,)]


@on_loop
async def test_the_same_list_again_commits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        rows = [row(2, "zoe", "Zoe", email="z@x.example"), row(3, "bia", "Bia", active=False)]
        await store.import_users(rows, skip_bad=False, at=START)
        with closing(sqlite3.connect(path)) as watcher:
            before = watcher.execute("PRAGMA data_version").fetchone()
            made = await store.import_users(rows, skip_bad=False, at=later(60))
            assert watcher.execute("PRAGMA data_version").fetchone() == before
        assert [step.outcome for step in made.steps] == [Outcome.UNCHANGED] * 2
