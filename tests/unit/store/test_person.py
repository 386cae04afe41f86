"""One person's rows are found in every table, and erased together."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.office.model import Vouched
from onvio_agent.store.base import Retry, Transition
from support.aio import on_loop
from support.store_parts import (
    START,
    account,
    add_linked,
    look,
    new_user,
    opened,
    stored,
    with_link,
)


def change(login: str) -> Transition:
    return Transition(
        at=START, subject=login, before="valid", after="inactive", reason=None, duration_s=1.0
    )


@on_loop
async def test_an_inactive_user_goes_with_all_that_is_theirs_and_no_active_one_does(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        ana = await add_linked(store, "ana")
        bia = await store.add_user(new_user("bia"), at=START)
        vouched = with_link(bia, account("bia"), office_vouched=Vouched("ana", START))
        assert await store.save_link(bia.id, 0, vouched, None, at=START)
        wait = Retry(key=f"link:{ana.id}", failures=1, reason=None, not_before=START, set_at=START)
        await store.set_retry(wait)
        await store.add_transitions([change("ana"), change("bia"), change("connection")])
        assert not await store.erase(ana.id, ana.link.generation)

        found = await store.person(ana.id)
        counts = {table: len(rows) for table, rows in found.items()}
        assert (counts["users"], counts["links"], counts["history"]) == (1, 1, 1)
        assert (counts["retries"], counts["vouched_for"]) == (1, 1)
        assert found["history"][0]["at"] == START
        assert not any("sealed" in row for rows in found.values() for row in rows)

        assert await store.inactivate(ana.id, ana.link.generation, None, at=START)
        generation = (await stored(store, ana.id)).link.generation
        assert not await store.erase(ana.id, generation - 1)
        assert await store.erase(ana.id, generation)
        assert await store.person(ana.id) == {}
        assert [user.login for user in (await store.office()).users] == ["bia"]
        assert (await stored(store, bia.id)).link.office_vouched == Vouched("(erased)", START)
        assert look(path, "SELECT subject FROM history") == [("bia",), ("connection",)]
        assert look(path, "SELECT key FROM retries") == []
        again = await store.add_user(new_user("ana"), at=START)
        assert again.id > bia.id


@on_loop
async def test_nothing_of_an_erased_user_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        ana = await add_linked(store, "ana-maria")
        await store.add_transitions([change("ana-maria")])
        await store.inactivate(ana.id, ana.link.generation, None, at=START)
        generation = (await stored(store, ana.id)).link.generation
        assert await store.erase(ana.id, generation)
        for file in path.parent.iterdir():
            assert b"ana-maria" not in file.read_bytes()
