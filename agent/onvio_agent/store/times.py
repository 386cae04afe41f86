"""Times as the database keeps them: whole microseconds since 1970, UTC.

Exact, ordered, and small in an index. Knows no clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def to_us(at: datetime) -> int: ...
@overload
def to_us(at: None) -> None: ...
def to_us(at: datetime | None) -> int | None:
    """Microseconds of an aware time; None stays None."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


@overload
def from_us(value: int) -> datetime: ...
@overload
def from_us(value: None) -> None: ...
def from_us(value: int | None) -> datetime | None:
    """The aware UTC time of `value`; None stays None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)
