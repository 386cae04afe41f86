"""kill -9 in the middle of writing: what was said to be stored is there, and nothing is half there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from onvio_agent.contract.status import Role
from support.aio import on_loop
from support.store_parts import add_linked, look, opened

ROUNDS = 20

WRITER = """
import asyncio, sys
from pathlib import Path
from onvio_agent.store.base import Transition
from support.store_parts import START, account, opened, with_link

async def main(path):
    async with opened(path) as store:
        manager, ana = (await store.office()).users
        while True:
            tokens = await store.tokens(manager.id, 1)
            sealed = b"%d" % (tokens.serial + 1) + b"x" * 3000
            assert await store.start_refresh(manager.id, 1, tokens.serial, at=START)
            assert await store.store_refreshed(manager.id, 1, tokens.serial, sealed, None, at=START)
            generation = ana.link.generation
            assert await store.save_link(ana.id, generation, with_link(ana, account("ana")), sealed, at=START)
            ana = (await store.office()).by_id(ana.id)
            change = Transition(at=START, subject="ana", before="a", after="b", reason=None, duration_s=None)
            await store.add_transitions([change] * 5)
            print(tokens.serial + 1, generation + 1, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


@on_loop
async def test_a_killed_writer_loses_nothing_it_was_told_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        await add_linked(store, "chefe", role=Role.MANAGER, sealed=b"1")
        await add_linked(store, "ana", sealed=b"1")
    kills = 0
    for turn in range(ROUNDS):
        serial, generation = write_and_kill(path, lines=1 + (turn * 7) % 23)
        kills += 1
        assert look(path, "PRAGMA integrity_check") == [("ok",)]
        assert look(path, "PRAGMA foreign_key_check") == []
        async with opened(path) as store:
            assert await store.corrupt_at() is None
            manager, ana = (await store.office()).users
            kept = await store.tokens(manager.id, 1)
            assert kept is not None
            assert kept.serial in (serial, serial + 1)
            assert kept.sealed.rstrip(b"x") == b"%d" % kept.serial
            assert ana.link.generation in (generation, generation + 1)
            assert await store.tokens(ana.id, ana.link.generation) is not None
            assert await store.tokens(ana.id, ana.link.generation - 1) is None
            queued = await store.revocations(1_000_000)
            assert len(queued) == ana.link.generation - 1
            changes = await store.history(subject="ana", since=None, limit=1_000_000)
            assert len(changes) % 5 == 0
    print(f"kills: {kills}")


def write_and_kill(path: Path, *, lines: int) -> tuple[int, int]:
    """What the writer last said to have stored before it was killed."""
    tests_dir = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(tests_dir), "PATH": ""},
    ) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        said += writer.stdout.read().splitlines()
    whole = [line.split() for line in said if len(line.split()) == 2]
    return int(whole[-1][0]), int(whole[-1][1])
