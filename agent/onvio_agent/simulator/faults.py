"""The faults that can be set: which exist, what their value means, when one strikes.

Why: what breaks, where and how often must be decided in one place for every door.
It must not carry a fault out: the model answers some, the server does the others to the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from onvio_agent.simulator.wire import Target

Kind = Literal[
    "latency",
    "refuse",
    "reset",
    "http_500",
    "http_503",
    "limited",
    "html",
    "truncated",
    "content_type",
    "cert_expired",
    "cert_foreign",
    "cert_name",
]
CERT_KINDS: tuple[Kind, ...] = ("cert_expired", "cert_foreign", "cert_name")
# Strike a connection, before any request is known.
CONNECT_KINDS: tuple[Kind, ...] = ("refuse", *CERT_KINDS)
# Strike a request, by what the server does to the wire.
REQUEST_KINDS: tuple[Kind, ...] = ("reset", "truncated")
# Strike a request, by what the model answers.
ANSWER_KINDS: tuple[Kind, ...] = ("http_500", "http_503", "limited", "html", "content_type")
KINDS: tuple[Kind, ...] = (*CONNECT_KINDS, "latency", *REQUEST_KINDS, *ANSWER_KINDS)

DEFAULT_LATENCY_S = 1.0
DEFAULT_RETRY_AFTER_S = 30.0


class FaultError(ValueError):
    """The fault cannot be set; the text says why."""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One fault. `times` null: until cleared. `path`: only requests whose path starts so."""

    kind: Kind
    target: Literal["auth", "api", "all"] = "all"
    times: int | None = None
    value: float | str | None = None
    path: str | None = None

    def seconds(self, default: float) -> float:
        """The value as seconds."""
        return float(self.value) if isinstance(self.value, int | float) else default

    def hits(self, target: Target, path: str) -> bool:
        """Whether it concerns this request."""
        aimed = self.target in ("all", target)
        return aimed and (self.path is None or path.startswith(self.path))


class Faults:
    """The faults that are set, in the order of their setting; the first that hits strikes."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def set(self, fault: Fault) -> None:
        """Add a fault, in place of one of the same kind, target and path. Raises FaultError."""
        _check(fault)
        place = (fault.kind, fault.target, fault.path)
        self._active = [f for f in self._active if (f.kind, f.target, f.path) != place]
        self._active.append(fault)

    def clear(self) -> None:
        """Take all faults away."""
        self._active = []

    def remove(self, fault: Fault) -> None:
        """Take one fault away, if it is still set."""
        self._active = [f for f in self._active if f is not fault]

    def active(self) -> list[Fault]:
        """The faults that still have something to do."""
        return list(self._active)

    def peek(self, kinds: Iterable[Kind], target: Target, path: str = "/") -> Fault | None:
        """The fault that would strike next; counts nothing."""
        if not self._active:
            return None
        for fault in self._active:
            if fault.kind in kinds and fault.hits(target, path):
                return fault
        return None

    def take(self, kinds: Iterable[Kind], target: Target, path: str = "/") -> Fault | None:
        """The fault that strikes now; counts down its `times`."""
        fault = self.peek(kinds, target, path)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self.remove(fault)
        return fault


def _check(fault: Fault) -> None:
    if fault.times is not None and fault.times < 1:
        raise FaultError("`times` must be at least 1, or null for always")
    if fault.path is not None and fault.kind in CONNECT_KINDS:
        raise FaultError(f"`{fault.kind}` strikes connections, so it takes no `path`")
    reason = _value_error(fault)
    if reason:
        raise FaultError(f"`value` of `{fault.kind}` {reason}")


def _value_error(fault: Fault) -> str | None:
    value, kind = fault.value, fault.kind
    if value is None:
        return None
    number = isinstance(value, int | float)
    if kind in ("latency", "limited", "http_503"):
        return None if number and float(value) >= 0 else "must be seconds (a number >= 0)"
    if kind == "reset":
        return None if value in ("before", "after") else 'must be "before" or "after"'
    if kind == "html":
        fits = number and float(value).is_integer() and 200 <= float(value) <= 599
        return None if fits else "must be an HTTP status"
    if kind == "content_type":
        return None if isinstance(value, str) else "must be a media type (a text)"
    return "must be left out"
