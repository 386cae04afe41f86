"""The page that a monitoring system gets, made from one snapshot and the tally. Pure."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec

from onvio_agent.contract.status import (
    ConnectionState,
    IconState,
    IntentState,
    Situation,
    Snapshot,
    SyncStatus,
    UserStatus,
)
from onvio_agent.metrics.table import METRICS, USERS_MAX
from onvio_agent.metrics.tally import CONNECTION, LINK, Tally
from onvio_agent.metrics.text import Exposition


class Retries(msgspec.Struct, frozen=True):
    """Failed checks of the connection in a row; links whose last check failed."""

    connection: int
    links: int


class Delivery(msgspec.Struct, frozen=True):
    """`held`: the reason why nothing is sent. Requests for its token: within 24 hours, and allowed."""

    held: str | None
    tokens_used: int
    tokens_max: int


def page_of(
    snapshot: Snapshot,
    tally: Tally,
    retries: Retries,
    *,
    users: Mapping[str, str],
    delivery: Delivery | None,
) -> str:
    """`users`: the label of each login that may be named; `delivery`: None where there is none."""
    page = Exposition(METRICS)
    _agent(page, snapshot)
    _connection(page, snapshot, tally, retries)
    _links(page, snapshot, tally, retries)
    if len(users) <= USERS_MAX:
        for row in snapshot.users:
            if row.login in users and row.situation is Situation.ACTIVE:
                _user(page, row, users[row.login])
    if delivery is not None:
        _sync(page, snapshot.sync, delivery)
    return page.text()


def _agent(page: Exposition, snapshot: Snapshot) -> None:
    page.add("build_info", 1, snapshot.agent.version, sys.version.split()[0])
    page.add("start_time_seconds", snapshot.agent.started_at.timestamp())
    page.add("paused", snapshot.intent.state is IntentState.PAUSED)
    for icon in IconState:
        page.add("icon_state", icon is snapshot.icon.state, icon)
    if snapshot.icon.reason:
        page.add("icon_reason", 1, snapshot.icon.reason)


def _connection(page: Exposition, snapshot: Snapshot, tally: Tally, retries: Retries) -> None:
    connection = snapshot.connection
    for state in ConnectionState:
        page.add("connection_state", state is connection.state, state)
    if connection.reason:
        page.add("connection_reason", 1, connection.reason)
    _time(page, "connection_since_timestamp_seconds", connection.since)
    _time(page, "connection_last_check_timestamp_seconds", connection.checked_at)
    if connection.latency_ms is not None:
        page.add("connection_latency_seconds", connection.latency_ms / 1000)
    page.add("connection_retries", retries.connection)
    for shown, seconds in tally.durations_s().items():
        page.add("connection_state_seconds_total", seconds, *shown)
    for shown, count in tally.changes[CONNECTION].items():
        page.add("connection_changes_total", count, *shown)
    for check, count in tally.checks.items():
        page.add("checks_total", count, *check)


def _links(page: Exposition, snapshot: Snapshot, tally: Tally, retries: Retries) -> None:
    active = [row for row in snapshot.users if row.situation is Situation.ACTIVE]
    states = Counter((str(row.link.state), row.link.reason or "") for row in active)
    for shown, count in states.items():
        page.add("links", count, *shown)
    page.add("links_retrying", retries.links)
    for shown, count in tally.changes[LINK].items():
        page.add("link_changes_total", count, *shown)
    page.add("users", len(active), Situation.ACTIVE)
    page.add("users", len(snapshot.users) - len(active), Situation.INACTIVE)


def _user(page: Exposition, row: UserStatus, label: str) -> None:
    page.add("user_link", 1, label, row.role, row.link.state, row.link.reason or "")
    page.add("user_connected", row.icon.state is IconState.GREEN, label)
    _time(page, "user_last_check_timestamp_seconds", row.link.checked_at, label)


def _sync(page: Exposition, sync: SyncStatus, delivery: Delivery) -> None:
    for state in SyncStatus.__struct_fields__:
        count = getattr(sync, state)
        if isinstance(count, int):
            page.add("sync_documents", count, state)
    _time(page, "sync_oldest_queued_timestamp_seconds", sync.oldest_queued_at)
    if delivery.held:
        page.add("sync_held", 1, delivery.held)
    page.add("sync_tokens_used", delivery.tokens_used)
    page.add("sync_tokens_max", delivery.tokens_max)


def _time(page: Exposition, name: str, at: datetime | None, *labels: str) -> None:
    if at is not None:
        page.add(name, at.timestamp(), *labels)
