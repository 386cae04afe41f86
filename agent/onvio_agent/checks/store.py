"""Rung *store*: can the data file be read, and is it whole? It is opened to look only."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.checks.finding import Broken
from onvio_agent.errors import StoreFailed
from onvio_agent.i18n import _, ngettext
from onvio_agent.store.base import Exec
from onvio_agent.store.look import look_at_store
from onvio_agent.store.sqlite import SqliteStore


async def look(path: Path, exec_: Exec) -> SqliteStore | None:
    """The store, for reading; None where there is none yet. store.corrupt, .newer, .unwritable."""
    try:
        return await look_at_store(path, exec_)
    except StoreFailed as error:
        raise Broken(error.code, str(path)) from error


async def check(store: SqliteStore | None) -> str:
    """How many users it holds; store.corrupt also where this file stands in for a damaged one."""
    if store is None:
        return _("no data file yet")
    try:
        office, corrupt_at = await store.office(), await store.corrupt_at()
    except StoreFailed as error:
        raise Broken(error.code) from error
    if corrupt_at is not None:
        raise Broken("store.corrupt", corrupt_at.isoformat(timespec="seconds"))
    count = len(office.users)
    return ngettext("{n} user", "{n} users", count).replace("{n}", str(count))
