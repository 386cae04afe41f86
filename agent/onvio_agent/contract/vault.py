"""What people may know of the vault: where its key lies, and whether it can be had."""

from __future__ import annotations

from typing import Literal

import msgspec

KeyState = Literal["unset", "open", "restored", "unseen", "replaced", "locked", "lost"]
"""`unset`: nothing was sealed yet. `open`: the key in use lies in its place. In use as well, but in its
place was nothing or no key, and it was put back now (`restored`), a keyring does not answer
(`unseen`), or another key lies (`replaced`). Not in use: it cannot be had now (`locked`), or what
lies there is not the key (`lost`)."""


class VaultStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is `keyring` or `file`; None with `unset`."""

    kind: str | None
    key_id: str | None
    state: KeyState
