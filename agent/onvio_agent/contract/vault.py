"""What people may know of the vault: where its key lies, and whether it can be had."""

from __future__ import annotations

from typing import Literal

import msgspec


class VaultStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`unset` until something was sealed for the first time; `kind` is `keyring` or `file`."""

    kind: str | None
    key_id: str | None
    state: Literal["unset", "open", "locked", "lost"]
