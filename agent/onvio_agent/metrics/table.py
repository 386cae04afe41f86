"""Every metric, once: its name, type, meaning and labels. docs/metrics.md is held against this table.

Names follow Prometheus' conventions: seconds and Unix times, `_total` for what only grows. Every
label has a bounded set of values: states and reasons of the catalogue, and at most `USERS_MAX` users.
"""

from __future__ import annotations

from typing import Literal

import msgspec

USERS_MAX = 500
"""Users with series of their own; the largest offices have 300. Beyond, only the sums are told."""


class Metric(msgspec.Struct, frozen=True):
    """One family: `labels` in the order in which they are written."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    labels: tuple[str, ...] = ()


_METRICS = (
    Metric("build_info", "gauge", "Always 1; which program this is.", ("version", "python")),
    Metric("start_time_seconds", "gauge", "When this run of the agent began, Unix time."),
    Metric("paused", "gauge", "1 while a person has paused the connection."),
    Metric(
        "icon_state",
        "gauge",
        "1 for what the workstation's icon shows, 0 for the others.",
        ("state",),
    ),
    Metric("icon_reason", "gauge", "1 for the reason of an icon that is not green.", ("reason",)),
    Metric(
        "connection_state",
        "gauge",
        "1 for the state of the connection to ONVIO, 0 for the others.",
        ("state",),
    ),
    Metric(
        "connection_reason",
        "gauge",
        "1 for the reason why the connection is not online.",
        ("reason",),
    ),
    Metric(
        "connection_since_timestamp_seconds",
        "gauge",
        "Since when the connection has this state, Unix time.",
    ),
    Metric(
        "connection_last_check_timestamp_seconds",
        "gauge",
        "When the check that this verdict goes by was sent, Unix time.",
    ),
    Metric("connection_latency_seconds", "gauge", "How long the last good check took."),
    Metric("connection_retries", "gauge", "Failed checks of the connection in a row."),
    Metric(
        "connection_state_seconds_total",
        "counter",
        "Time that the connection has spent in each state, by reason, in this run.",
        ("state", "reason"),
    ),
    Metric(
        "connection_changes_total",
        "counter",
        "How often the connection came into a state, by reason, in this run.",
        ("state", "reason"),
    ),
    Metric(
        "checks_total",
        "counter",
        "Finished checks of the connection and of links; reason is empty for a success.",
        ("subject", "outcome", "reason"),
    ),
    Metric("links", "gauge", "How many active users' links are in a state.", ("state", "reason")),
    Metric("links_retrying", "gauge", "How many links' last checks have failed."),
    Metric(
        "link_changes_total",
        "counter",
        "How often a link came into a state, by reason, in this run.",
        ("state", "reason"),
    ),
    Metric("users", "gauge", "How many users there are: active and inactive.", ("situation",)),
    Metric(
        "user_link",
        "gauge",
        "Always 1; the state of an active user's link and its reason.",
        ("user", "role", "state", "reason"),
    ),
    Metric("user_connected", "gauge", "1 while that user's icon is green.", ("user",)),
    Metric(
        "user_last_check_timestamp_seconds",
        "gauge",
        "When the check that the user's verdict goes by was sent, Unix time.",
        ("user",),
    ),
    Metric(
        "sync_documents",
        "gauge",
        "Fiscal documents on record, by state.",
        ("state",),
    ),
    Metric(
        "sync_oldest_queued_timestamp_seconds",
        "gauge",
        "When the oldest document came that is not finished yet, Unix time.",
    ),
    Metric("sync_held", "gauge", "1 for the reason why nothing is delivered now.", ("reason",)),
    Metric(
        "sync_tokens_used",
        "gauge",
        "Requests for a token of the delivery within the last 24 hours.",
    ),
    Metric("sync_tokens_max", "gauge", "Requests for a token that the agent allows itself a day."),
)

METRICS = {metric.name: metric for metric in _METRICS}
"""By name, without the prefix `onvio_agent_`; in the order in which they are told."""
