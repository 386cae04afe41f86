"""What `status` draws: shapes, sentences and next steps, and nothing that a name could smuggle in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from onvio_agent.cli import board
from onvio_agent.cli.output import display_width
from onvio_agent.contract.status import (
    Action,
    AgentInfo,
    ConnectionState,
    ConnectionStatus,
    IconState,
    IconStatus,
    Intent,
    IntentState,
    LinkState,
    LinkStatus,
    Role,
    Situation,
    Snapshot,
    SyncStatus,
    UserStatus,
)
from onvio_agent.errors import Refused
from onvio_agent.i18n import current_language, set_language

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = current_language()
    set_language("en")
    yield
    set_language(before)


def icon(state: str, title: str = "A title.", next_step: str = "A next step.") -> IconStatus:
    return IconStatus(
        state=IconState(state),
        reason=None if state == "green" else "link.none",
        title=title,
        next_step=next_step,
        action=Action.NONE,
    )


def user(login: str, state: str = "green", name: str = "Ana", title: str = "T.") -> UserStatus:
    link = LinkStatus(
        state=LinkState.VALID,
        reason=None,
        since=None,
        checked_at=NOW - timedelta(seconds=5),
        valid_until=None,
        retry_at=None,
        ttl_s=None,
    )
    return UserStatus(
        login=login,
        name=name,
        role=Role.STANDARD,
        situation=Situation.ACTIVE,
        onvio_email="ana@escritorio.example",
        uses_onvio=True,
        uses_client_portal=False,
        icon=icon(state, title, "Tell {login}."),
        link=link,
    )


def snapshot(*users: UserStatus, top: str = "green", intent: Intent | None = None) -> Snapshot:
    connection = ConnectionStatus(
        state=ConnectionState.ONLINE,
        reason=None,
        since=NOW,
        checked_at=NOW,
        valid_until=None,
        retry_at=None,
        latency_ms=12.4,
        ttl_s=None,
    )
    agent = AgentInfo(version="1", pid=1, boot_id="b", revision=1, started_at=NOW)
    return Snapshot(
        agent=agent,
        intent=intent or Intent(state=IntentState.RUN),
        connection=connection,
        icon=icon(top),
        users=users,
        sync=SyncStatus(),
    )


@pytest.mark.parametrize(("state", "shape"), [("green", "●"), ("play", "▶"), ("grey", "○")])
def test_each_icon_has_a_shape_of_its_own(state: str, shape: str) -> None:
    assert board.icon_lines(icon(state))[0] == f"{shape} A title."


def test_the_next_step_stands_below_unless_all_is_well() -> None:
    assert len(board.icon_lines(icon("green"))) == 1
    assert board.icon_lines(icon("grey"))[1] == "  → A next step."


def test_a_users_sentence_names_the_user() -> None:
    row = user("ana", "grey")
    assert board.icon_lines(row.icon, row) == ["○ ana: T.", f"  → {row.icon.next_step}"]


def test_the_office_shows_connection_and_one_line_for_each_user() -> None:
    lines = board.office_lines(snapshot(user("ana"), user("bruno", "play")), NOW)
    assert "Connection: online, 12 ms, checked just now" in lines
    assert lines[-2].startswith("● ana")
    assert lines[-1].startswith("▶ bruno")
    assert "5 s ago" in lines[-1]


def test_columns_stand_below_each_other_whatever_names_are_made_of() -> None:
    users = (user("ana", name="山田 太郎", title="#"), user("b", name="Zoe\u0301", title="#"))
    lines = board.table_lines(users, NOW)
    starts = {display_width(line[: line.index("#")]) for line in lines[1:]}
    assert len(starts) == 1


def test_a_name_cannot_write_to_the_terminal() -> None:
    row = user("ana", name="\x1b[2JAna\u202e", title="a\x07b")
    shown = "\n".join(board.office_lines(snapshot(row), NOW) + board.user_lines(row, NOW))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown


def test_a_pause_says_until_when() -> None:
    paused = Intent(state=IntentState.PAUSED, until=NOW)
    at = NOW.astimezone().strftime("%d/%m %H:%M")
    assert f"Paused until {at}." in board.office_lines(snapshot(intent=paused), NOW)
    open_end = Intent(state=IntentState.PAUSED)
    assert "Paused until somebody resumes." in board.office_lines(snapshot(intent=open_end), NOW)


def test_a_change_is_one_line_with_every_users_shape() -> None:
    line = board.summary(snapshot(user("ana"), user("bruno", "grey"), top="play"))
    assert line == "▶ A title. [ana● bruno○]"
    assert board.summary(snapshot()) == "● A title."


def test_a_user_is_found_without_case_and_an_unknown_one_refused() -> None:
    seen = snapshot(user("Ana"))
    assert board.user_of(seen, "ana").login == "Ana"
    assert board.chosen_icon(seen, None) is seen.icon
    with pytest.raises(Refused) as raised:
        board.user_of(seen, "bruno")
    assert raised.value.code == "user.unknown"


def test_documents_are_counted_where_they_are_delivered() -> None:
    sync = SyncStatus(queued=2, accepted=1, stored=5, duplicate=1, refused=3)
    line = "Documents: 3 pending, 6 delivered, 3 refused"
    assert line in board.office_lines(msgspec.structs.replace(snapshot(), sync=sync), NOW)
    assert not any("Documents" in shown for shown in board.office_lines(snapshot(), NOW))
