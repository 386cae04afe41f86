"""What ONVIO says of an account: its role and its office. Pure, and tolerant by design.

The answer's shape is known at second hand only. So every fact is a value or unknown, and a person
confirms what is unknown. Nothing is guessed: a word that is not in the tables stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from onvio_agent.office.model import OnvioRole
from onvio_agent.onvio.errors import clean


class AccountFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`office_cnpj`: 14 characters `A-Z0-9` without punctuation; None where it is unknown."""

    role: OnvioRole = OnvioRole.UNKNOWN
    office_cnpj: str | None = None
    office_name: str | None = None


_ROLES = {
    **dict.fromkeys(("administrator", "admin", "administrador", "owner"), OnvioRole.ADMINISTRATOR),
    **dict.fromkeys(("staff", "standard", "user", "usuario", "usuário"), OnvioRole.STAFF),
}
_ROLE_PLACES = (("account", "role"), ("user", "role"), ("role",))
_CNPJ_PLACES = (
    ("office", "cnpj"),
    ("office", "nationalIdentity"),
    ("accountantOffice", "nationalIdentity"),
    ("accountantOfficeNationalIdentity",),
)
_NAME_PLACES = (("office", "name"), ("accountantOffice", "name"), ("accountantOfficeName",))
_CNPJ = re.compile(r"[A-Z0-9]{12}[0-9]{2}")
_PUNCTUATION = str.maketrans("", "", "./- ")


def read_account(fields: Mapping[str, object]) -> AccountFacts:
    """The facts in the JSON object of `client/info`; whatever is missing or strange is unknown."""
    roles = (_ROLES.get(text.casefold()) for text in _texts(fields, _ROLE_PLACES))
    cnpjs = (normal_cnpj(text) for text in _texts(fields, _CNPJ_PLACES))
    names = (clean(text) for text in _texts(fields, _NAME_PLACES))
    return AccountFacts(
        role=next((role for role in roles if role), OnvioRole.UNKNOWN),
        office_cnpj=next((cnpj for cnpj in cnpjs if cnpj), None),
        office_name=next((name for name in names if name), None),
    )


def normal_cnpj(text: str) -> str | None:
    """`text` as 14 characters, letters upper-case; None where it has not a CNPJ's form.

    Letters are part of it (since 2026); it is never a number. Check digits are not judged here.
    """
    cnpj = text.translate(_PUNCTUATION).upper()
    return cnpj if _CNPJ.fullmatch(cnpj) else None


def _texts(fields: Mapping[str, object], places: Iterable[tuple[str, ...]]) -> Iterable[str]:
    for place in places:
        value: object = fields
        for key in place:
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value.strip():
            yield value.strip()
