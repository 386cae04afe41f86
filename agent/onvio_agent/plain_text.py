"""Foreign text made fit to be shown or written: no control characters, no text direction tricks.

A name, an e-mail or an error text of a server may hold terminal codes or characters that turn the
reading direction, so that a line shows something else than it says. Pure.
"""

from __future__ import annotations

import re

FOREIGN_MAX = 300
"""Characters of a foreign text that are kept: enough for any error message, too few to flood."""

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # direction and invisible characters
    "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_UNSAFE_BUT_BREAKS = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f", 1))


def clean(text: str) -> str:
    """`text` for a screen: unsafe characters left out, line breaks and tabs as one space."""
    return _UNSAFE.sub("", re.sub(r"[\t\r\n\u2028\u2029]+", " ", text))


def escape(text: str, *, keep_breaks: bool = False) -> str:
    r"""`text` for a log: unsafe characters made visible as `\uXXXX`; nothing is lost."""
    pattern = _UNSAFE_BUT_BREAKS if keep_breaks else _UNSAFE
    return pattern.sub(lambda found: _visible(found[0]), text)


def cut(text: str, limit: int = FOREIGN_MAX) -> str:
    """At most `limit` characters, the last one a `…` where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _visible(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
