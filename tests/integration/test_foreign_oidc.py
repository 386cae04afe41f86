"""Sign-in by browser against an OpenID Connect server of other people's making, and all that follows."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import browse
from support.foreign_oidc import ForeignServer, foreign_server
from support.office import MANAGER, Profile
from support.sim import CLIENT_ID


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ForeignServer]:
    folder = tmp_path / "oidc"
    folder.mkdir()
    with foreign_server(folder, CLIENT_ID) as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, server: ForeignServer) -> Iterator[Profile]:
    made = Profile(
        tmp_path / "home",
        ONVIO__API_URL=server.url,
        ONVIO__AUTH_URL=server.url,
        ONVIO__CLIENT_ID=CLIENT_ID,
    )
    yield made
    made.kill()


def sit_down(office: Profile, account: str) -> None:
    """From now on somebody with this account sits at the browser."""
    path = office.home_dir / "browser.json"
    path.write_text(json.dumps({"email": account, "password": "any"}))
    office.environ["BROWSER"] = f"{sys.executable} {browse.__file__} {path} %s"


def by_browser(office: Profile, command: str, *more: str) -> tuple[int, str]:
    done = office.cli(command, MANAGER, "--browser", *more, *office.acting)
    return done.code, done.err


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_linked_confirmed_renewed_restarted_and_revoked(
    office: Profile, server: ForeignServer
) -> None:
    office.set_up()
    sit_down(office, "helena")
    code, said = by_browser(office, "link")
    assert (code, "manager.unproven: " in said) == (4, True), said  # it gives nobody a role
    assert by_browser(office, "link", "--confirm-administrator")[0] == 0
    assert by_browser(office, "portal")[0] == 0
    office.wait_icon(MANAGER, "green")
    row = office.user(MANAGER)
    assert row["onvio_email"] == "helena@escritorio.example"

    until(lambda: server.answered("/token", grant="refresh_token", status=200) >= 2)
    assert office.stop() == 0
    renewed = server.answered("/token", grant="refresh_token", status=200)
    office.start()
    office.wait_icon(MANAGER, "green")
    until(lambda: server.answered("/token", grant="refresh_token", status=200) > renewed)
    assert server.answered("/token", grant="refresh_token", status=400) == 0

    revoked = server.answered("/token/revocation", status=200)
    sit_down(office, "bruno")
    code, said = by_browser(office, "portal")
    assert (code, "portal.other_account: " in said) == (4, True), said
    office.wait_icon(MANAGER, "green")
    sit_down(office, "helena")
    assert by_browser(office, "link", "--confirm-administrator")[0] == 0  # the old session is ended
    until(lambda: server.answered("/token/revocation", status=200) > revoked)
    office.wait_icon(MANAGER, "green")
