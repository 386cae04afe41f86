"""One mask for each person, company and machine, the same in every part of a bundle.

What is known beforehand (users, companies, this machine) is masked as whole words wherever it stands;
e-mails, CNPJ, CPF, access keys and home folders also where nobody knew of them. When in doubt it is
masked: a common word that is somebody's login is lost as well. Secrets are the redactor's.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from onvio_agent.contract import status
from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.log.redaction import HIDDEN, Redactor, is_secret_name
from onvio_agent.plain_text import escape
from onvio_agent.sync.identifiers import is_cnpj, is_cpf, plain_cnpj

_EMAIL = r"[\w.+%'-]{1,64}(?:@|%40)[\w-]{1,64}(?:\.[\w-]{1,64}){0,8}"
_ACCESS_KEY = (
    r"(?<!\w)(?:NFe|CTe|NFS)?(?:[0-9]{6}[0-9A-Z]{12}[0-9]{26}|[0-9]{9}[0-9A-Z]{12}[0-9]{29})(?!\w)"
)
_CNPJ = r"(?<!\w)[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?[0-9]{2}(?!\w)"
_CPF = r"(?<!\w)[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}(?!\w)"
_HOME = r"(?P<homes>/home/|/Users/|[A-Z]:\\{1,2}Users\\{1,2})(?P<owner>[^/\\\s\"':]+)"
_FOREIGN = rf"(?P<email>{_EMAIL})|(?P<key>{_ACCESS_KEY})|(?P<cnpj>{_CNPJ})|(?P<cpf>{_CPF})|(?P<home>{_HOME})"
_KEPT_KEYS = (
    "event",
    "level",
    "reason",
    "state",
    "before",
    "after",
    "role",
    "situation",
    "broken",
    "setting",
)
_STATES = frozenset(
    str(member)
    for kind in (
        status.IntentState, status.ConnectionState, status.LinkState, status.IconState,
        status.Role, status.Situation,
    )
    for member in kind
)  # fmt: skip
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})
_EVENT = re.compile(r"[a-z_]{1,30}\.[a-z_]{1,40}")
_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")
_COMMON = frozenset(
    {"agent", "onvio", "onvio-agent", "localhost", "root"}
)  # tell nothing of anybody
_PARTICLES = frozenset({"dos", "das", "del", "von", "van"})
_MIN_WORD = 3
_MIN_DIGITS = 10**10
_MAX_DEPTH = 20


class Masker:
    """Learns names first, then masks; a name that comes later is masked from then on."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._masks: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self._done: dict[str, str] = {}

    def person(self, ids: Iterable[str | None], names: Iterable[str | None] = ()) -> str:
        """The mask of whoever goes by `ids` (login, e-mails), and by `names` as well; made if new."""
        mask = self._one("pessoa", ids)
        for name in filter(None, names):
            self._learn(name, mask)
            for word in re.findall(r"[^\W\d_]+", name):
                if len(word) >= _MIN_WORD and _normal(word) not in _PARTICLES:
                    self._learn_word(word, mask)
        self._forget_pattern()
        return mask

    def company(self, ids: Iterable[str | None]) -> str:
        """The mask of the company of these names, CNPJ and folders; made if new."""
        return self._one("empresa", ids)

    def place(self, text: str, mask: str) -> None:
        """Mask `text`, a name or folder of this machine, unless a person goes by it."""
        if _normal(text) not in _COMMON and len(text) >= _MIN_WORD - 1:
            self._learn(text, mask)
            self._forget_pattern()

    def text(self, text: str) -> str:
        """`text` without secrets and with masks."""
        found = self._done.get(text)
        if found is None:
            if self._pattern is None:
                self._pattern = self._compiled()
            found = self._pattern.sub(self._mask, self._redactor.text(text))
            self._done[text] = found
        return found

    def document(self, value: object) -> object:
        """Plain JSON data of ours without secrets and with masks: every key stays as it is."""
        return self._value("", value, 0, _MAX_DEPTH)

    def entry(self, entry: Mapping[str, object]) -> object:
        """A line of the log, likewise; its keys stay, those further in may be names."""
        return self._value("", dict(entry), 0, 0)

    def _value(self, name: str, value: object, depth: int, own_depth: int) -> object:
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            return value if abs(value) < _MIN_DIGITS else self._number(value)
        if is_secret_name(name):
            return HIDDEN
        if depth > _MAX_DEPTH:
            return "…"
        if isinstance(value, dict):
            return {
                self._key(str(key), depth <= own_depth): self._value(
                    str(key), item, depth + 1, own_depth
                )
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._value(name, item, depth + 1, own_depth) for item in value]
        text = str(value)
        return text if name in _KEPT_KEYS and _is_own(text) else self.text(text)

    def _key(self, key: str, is_own: bool) -> str:
        return key if is_own and _PLAIN_KEY.fullmatch(key) else self.text(key)

    def _number(self, value: int) -> object:
        masked = self.text(str(value))
        return value if masked == str(value) else masked

    def _one(self, kind: str, ids: Iterable[str | None]) -> str:
        known = [each for each in ids if each and each.strip()]
        masks = [self._masks[each] for each in map(_normal, known) if each in self._masks]
        mask = next((each for each in masks if each.startswith(kind)), None) or self._new(kind)
        for each in known:
            self._learn(each, mask)
        self._forget_pattern()
        return mask

    def _new(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}-{self._counts[kind]}"

    def _learn(self, text: str, mask: str) -> None:
        for form in _forms(text):
            self._masks.setdefault(form, mask)

    def _learn_word(self, word: str, mask: str) -> None:
        """A part of a name; one that two people share is nobody's."""
        for form in _forms(word):
            if self._words.setdefault(form, mask) != mask:
                self._words[form] = "nome"

    def _forget_pattern(self) -> None:
        self._pattern = None
        self._done.clear()

    def _compiled(self) -> re.Pattern[str]:
        every = sorted(self._words.keys() | self._masks.keys(), key=lambda form: (-len(form), form))
        named = "|".join(r"\s+".join(map(re.escape, form.split(" "))) for form in every)
        alias = rf"|(?<!\w)(?P<alias>{named})(?!\w)" if named else ""
        # A known folder before any home folder: it is the longer of the two.
        paths = "|".join(re.escape(form) for form in every if "/" in form or "\\" in form)
        folder = rf"(?<!\w)(?P<folder>{paths})(?!\w)|" if paths else ""
        return re.compile(f"{folder}{_FOREIGN}{alias}", re.IGNORECASE)

    def _mask(self, found: re.Match[str]) -> str:
        text, kind = found[0], found.lastgroup
        known = self._known(text)
        if known is not None:
            return known
        if kind == "email":
            return self._later("pessoa", text.replace("%40", "@"))
        if kind == "key":
            return self._later("chave", text)
        if kind == "home":
            owner = self._known(found["owner"]) or self._later("usuario", found["owner"])
            return found["homes"] + owner
        if kind == "cnpj" and (not text.isalnum() or is_cnpj(plain_cnpj(text))):
            return self._known(plain_cnpj(text)) or self._later("cnpj", plain_cnpj(text))
        if kind == "cpf" and (not text.isalnum() or is_cpf(plain_cnpj(text))):
            return self._later("cpf", plain_cnpj(text))
        return text

    def _known(self, text: str) -> str | None:
        form = _normal(text)
        return self._masks.get(form) or self._words.get(form)

    def _later(self, kind: str, text: str) -> str:
        """Met for the first time on the way: the pattern finds it by its look, not by its name."""
        form = _normal(text)
        if form not in self._masks:
            self._masks[form] = self._new(kind)
        return self._masks[form]


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


def _forms(text: str) -> list[str]:
    """How `text` may be written: composed or not, without its accents, encoded; normalised."""
    parted = unicodedata.normalize("NFD", text)
    bare = "".join(char for char in parted if not unicodedata.combining(char))
    wholes = (text, unicodedata.normalize("NFC", text), parted, bare)
    forms = dict.fromkeys(_normal(form) for whole in wholes for form in _encoded(whole))
    return [form for form in forms if form]


def _encoded(text: str) -> tuple[str, ...]:
    data = text.encode("utf-8", "replace")
    return text, escape(text), json.dumps(text)[1:-1], quote(data), quote(data, safe="")


def _is_own(text: str) -> bool:
    return (
        text in CATALOGUE
        or text in _STATES
        or text in _LEVELS
        or _EVENT.fullmatch(text) is not None
    )
