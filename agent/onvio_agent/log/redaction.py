"""Secrets kept out of the log, whatever a caller passes.

Three nets, because each has holes: keys that name a secret, values that look like one, and values
that were registered as one. A caller still must not log secrets; this is for the day it does.
Pure but for the list of registered values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, quote_plus

from onvio_agent.plain_text import cut, escape

HIDDEN = "***"
_SECRET_WORD = re.compile(
    r"pass|passwd|passwords?|passphrase|pwd|senhas?|tokens?|jwt|secrets?|segredo|authorization"
    r"|bearer|cookies?|assertion|otp|pin|credentials?|nonce|hmac|signature|verifier"
)
_SECRET_LAST = re.compile(r"key|code|chave|codigo")
_SECRET_NAME = re.compile(r"auth|session|session_id")
_SAFE_NAME = re.compile(
    r"access_key|settings_key|(status|exit|reason|error)_code|tokens_(today|revoked|waiting)"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

# Every pattern is linear in the length of the text: it may come from a hostile server.
_NAME = (
    r"(?<![\w-])([\w-]*(?:passwo?r?d|passphrase|senha|token|secret|assertion|otp"
    r"|api[_-]?key|integration[_-]?key)\\?[\"']?\s{0,4}[=:]\s{0,4})"
)
_VALUE = r"(?:\\?\"(?:[^\"\\]|\\.)*+\"?|'[^']*+'?|[^\s&,;})\]]++)"
_PATTERNS = (
    (re.compile(r"((?:authorization|cookie)\\?[\"']?\s{0,4}[=:])[^\n]*+", re.I), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic|Digest|DPoP)\s{1,4}[^\s,;\"']++", re.I), rf"\1 {HIDDEN}"),
    (re.compile(r"(://)[^/\s@]{1,300}@"), rf"\1{HIDDEN}@"),
    (re.compile(_NAME + _VALUE, re.I), rf"\1{HIDDEN}"),
    (re.compile(r"(code\\?[\"']?(?:=|\s?:\s{0,4})\\?[\"']?)[^\s&,;})\]\"']{4,}+", re.I),
     rf"\1{HIDDEN}"),
)  # fmt: skip
_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]*+)++")

_PLAIN = re.compile(r"[\w-]*|[a-z_.]*|[\dTZ:.+-]*")
"""Most values: a word, an event, an instant. No pattern can match them."""

_MIN_REGISTERED = 4  # shorter values would blot out ordinary words
_MAX_REGISTERED = 1000
_MAX_DEPTH = 6
_INT_MAX = 1 << 63  # what JSON readers take; a larger number is written as text
_MAX_ITEMS = 50
_TEXT_MAX = 65_536  # patterns look no further; only 300 characters are kept in the end
_TRACE_MAX = 8_000


class Redactor:
    """What is hidden: by name, by look, and the values registered here."""

    def __init__(self) -> None:
        self._registered: dict[str, tuple[str, ...]] = {}
        self._forms: tuple[str, ...] = ()

    def register_secret(self, value: str) -> None:
        """Hide `value` (4 characters or more) wherever it appears, in its encoded forms too."""
        if len(value) < _MIN_REGISTERED:
            return
        if len(self._registered) >= _MAX_REGISTERED:
            self._registered.pop(next(iter(self._registered)))
        self._registered[value] = _forms(value)
        self._sort()

    def forget_secret(self, value: str) -> None:
        """Keep `value` in memory no longer."""
        self._registered.pop(value, None)
        self._sort()

    def text(self, text: str) -> str:
        """`text` without secrets; of a very long one only the beginning."""
        text = self._without_registered(text)
        if len(text) > _TEXT_MAX:
            text = text[:_TEXT_MAX].rpartition(" ")[0]  # half a secret would not be recognised
        return _without_likely(text)

    def value(self, name: str, value: object, depth: int = 0) -> object:
        """`value` of the key `name` as plain JSON data without secrets."""
        if value is None or isinstance(value, bool):
            return value
        if is_secret_name(name):
            return HIDDEN
        if type(value) is float or (type(value) is int and abs(value) < _INT_MAX):
            return value
        if isinstance(value, dict | list | tuple | set | frozenset):
            return "…" if depth >= _MAX_DEPTH else self._collection(value, depth + 1)
        return self._foreign(value)

    def trace(self, text: str) -> str:
        """The text of a traceback: its lines kept, its end rather than its beginning."""
        text = self._without_registered(text)
        if len(text) > _TEXT_MAX:
            text = text[-_TEXT_MAX:].partition("\n")[2]
        shown = escape(_without_likely(text), keep_breaks=True)
        return shown if len(shown) <= _TRACE_MAX else "…" + shown[-_TRACE_MAX:]

    def _without_registered(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def _collection(self, value: object, depth: int) -> object:
        if isinstance(value, dict):
            names = [(_plain(name), item) for name, item in list(value.items())[:_MAX_ITEMS]]
            return {self._foreign(name): self.value(name, item, depth) for name, item in names}
        if isinstance(value, set | frozenset):
            value = sorted(value, key=_plain)
        assert isinstance(value, list | tuple)  # noqa: S101 - for the type checker
        return [self.value("", item, depth) for item in value[:_MAX_ITEMS]]

    def _foreign(self, value: object) -> str:
        return cut(escape(self.text(_plain(value))))

    def _sort(self) -> None:
        """Longest first: a secret that lies inside another must not break it apart."""
        every = {form for forms in self._registered.values() for form in forms}
        self._forms = tuple(sorted(every, key=lambda form: (-len(form), form)))


def _without_likely(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return _DOTTED.sub(_hide_jwt, text)


@lru_cache(maxsize=512)  # the same few, in every line
def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret, judged by its words."""
    if _SAFE_NAME.fullmatch(name):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "".join(words)
    return bool(
        _SECRET_NAME.fullmatch(name)
        or any(_SECRET_WORD.fullmatch(word) for word in words)
        or (words and _SECRET_LAST.fullmatch(words[-1]))
        or joined.endswith(("password", "senha", "token", "secret", "apikey"))
    )


def _forms(value: str) -> tuple[str, ...]:
    data = value.encode("utf-8", "replace")
    encoders: tuple[Callable[[str], str], ...] = (str, escape, _in_json, _in_raw_json, _in_python)
    forms = [encode(value) for encode in encoders]
    forms += [quote(data), quote(data, safe=""), quote_plus(data), quote_plus(data, safe="/")]
    return tuple(dict.fromkeys(forms))


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_raw_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_python(value: str) -> str:
    return repr(value)[1:-1]


def _hide_jwt(found: re.Match[str]) -> str:
    return HIDDEN if "eyJ" in found[0] else found[0]


def _plain(value: object) -> str:
    """Any object as text; one that cannot even say itself is named by its type."""
    try:
        if isinstance(value, bytes | bytearray):
            return f"<{len(value)} bytes>"
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"
