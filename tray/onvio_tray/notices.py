"""When the icon speaks up: once per outage, late enough to be no blip, and never in a pause. Pure.

Instants are seconds on a clock that stands still while the machine sleeps: nobody is told of the time
that nobody was there. Wall times are local ones.
"""

from __future__ import annotations

from datetime import datetime, time

import msgspec

from onvio_agent.contract import reasons
from onvio_agent.contract.reason import Severity
from onvio_agent.i18n import _, ngettext

AT_LEAST_S = 10.0
"""No trouble is told before: an agent that is restarted is away for seconds."""

SAME_REASON_S = 3600.0
"""A reason that comes and goes is told once an hour."""

_PAUSED = "paused"


class Say(msgspec.Struct, frozen=True):
    """Show this in place of the notice before it."""

    title: str
    body: str


class Withdraw(msgspec.Struct, frozen=True):
    """Take the last notice back."""


Notice = Say | Withdraw


class Situation(msgspec.Struct, frozen=True):
    """What the icon shows at `at_s`. `reason` None: green. `slept`: the machine did, until just now.

    `warning` (title, next step): what stands beside green.
    """

    at_s: float
    local: datetime
    reason: str | None
    title: str = ""
    next_step: str = ""
    warning: tuple[str, str] | None = None
    pending: int | None = None
    slept: bool = False


class Memory(msgspec.Struct, frozen=True):
    """What has been told. `since_s`: when the outage of now began; `told`: a notice of it is out;
    `warned`: the warning beside green was told, and stands since."""

    since_s: float | None = None
    told: bool = False
    told_at: dict[str, float] = {}
    seen: datetime | None = None
    warned: bool = False


class Rules(msgspec.Struct, frozen=True):
    """The settings. `end_of_day` None: no notice of documents."""

    enabled: bool = True
    end_of_day: time | None = None


def next_notice(
    memory: Memory, seen: Situation, rules: Rules
) -> tuple[Memory, Notice | None, float | None]:
    """What to remember, what to show if anything, and when to ask again at the latest (s)."""
    calm = seen.reason is None or seen.reason == _PAUSED
    began_s = seen.at_s if memory.since_s is None or seen.slept else memory.since_s
    told_at = {code: at for code, at in memory.told_at.items() if seen.at_s - at < SAME_REASON_S}
    warned = memory.warned and (seen.reason is not None or seen.warning is not None)
    after = Memory(None if calm else began_s, memory.told, told_at, seen.local, warned)
    if not rules.enabled:
        return msgspec.structs.replace(after, told=False), None, None
    of_documents = _end_of_day(memory, seen, rules)
    if of_documents is not None:  # what else there is comes right after it
        return msgspec.structs.replace(memory, seen=seen.local), of_documents, seen.at_s
    if seen.reason is None or calm:
        news = seen.warning if seen.reason is None and not warned else None
        if memory.told:  # a warning comes right after it
            after = msgspec.structs.replace(after, told=False)
            return after, _after_outage(seen), seen.at_s if news else _day_end(seen, rules)
        if news is not None:
            after = msgspec.structs.replace(after, warned=True)
            return after, Say(*news), _day_end(seen, rules)
        return after, None, _day_end(seen, rules)
    due_s = _due_s(seen.reason, began_s)
    if memory.told or due_s is None or seen.reason in told_at:
        return after, None, _day_end(seen, rules)
    if seen.at_s < due_s:
        return after, None, due_s
    told = {**told_at, seen.reason: seen.at_s}
    after = msgspec.structs.replace(after, told=True, told_at=told)
    return after, Say(seen.title, seen.next_step), None


def _due_s(reason: str, since_s: float) -> float | None:
    """When an outage with that reason may be told of; None: never.

    Counted from the outage's beginning: one that changes its reason all the time is told of too.
    """
    entry = reasons.get(reason)
    if entry.severity is Severity.INFO:
        return None
    return since_s + max(AT_LEAST_S, entry.shown_after_s)


def _after_outage(seen: Situation) -> Notice:
    if seen.reason is None:
        return Say(_("Reconnected"), seen.title)
    return Withdraw()


def _end_of_day(memory: Memory, seen: Situation, rules: Rules) -> Notice | None:
    """Once, in the step that passes the end of the day."""
    if rules.end_of_day is None or not seen.pending or memory.seen is None:
        return None
    end = datetime.combine(seen.local.date(), rules.end_of_day, seen.local.tzinfo)
    if seen.reason == _PAUSED or not memory.seen < end <= seen.local:
        return None
    told = ngettext("{n} document waits.", "{n} documents wait.", seen.pending)
    return Say(
        told.replace("{n}", str(seen.pending)),
        _("Leave the computer on until they are delivered, or they go out tomorrow."),
    )


def _day_end(seen: Situation, rules: Rules) -> float | None:
    """The instant of today's end of day, if it is still to come and documents wait."""
    if rules.end_of_day is None or not seen.pending:
        return None
    end = datetime.combine(seen.local.date(), rules.end_of_day, seen.local.tzinfo)
    left_s = (end - seen.local).total_seconds()
    return seen.at_s + left_s if left_s > 0 else None
