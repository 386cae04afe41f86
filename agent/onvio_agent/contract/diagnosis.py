"""What `doctor --json` prints: each rung of the ladder, and the one that broke. Frozen data only."""

from __future__ import annotations

import msgspec


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `ok` is None where it was not tried; `took_ms` then too.

    `reason`: a code of the catalogue where `ok` is False. `detail`: for IT support, in the
    language of the process; foreign text in it is cleaned and cut, secrets are never in it.
    """

    name: str
    ok: bool | None
    reason: str | None = None
    took_ms: float | None = None
    detail: str = ""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """`broken`: the reason of the first rung that broke; None exactly when `ok`."""

    ok: bool
    broken: str | None
    rungs: tuple[Rung, ...]
