"""The numbers that fiscal documents and companies go by, and their check digits. Pure.

A CNPJ is a text: since July 2026 its first twelve characters may be letters. Each character is worth
its ASCII code less 48, in a CNPJ as in an access key.
"""

from __future__ import annotations

import re

_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_PUNCTUATION = str.maketrans("", "", "./- ")
_KEY_44 = re.compile(r"[0-9]{6}[0-9A-Z]{12}[0-9]{26}")
_KEY_50 = re.compile(r"[0-9]{9}[0-9A-Z]{12}[0-9]{29}")


def plain_cnpj(text: str) -> str:
    """As it is written without punctuation: `12.ABC.345/01DE-35` is `12ABC34501DE35`."""
    return text.translate(_PUNCTUATION).upper()


def is_cnpj(text: str) -> bool:
    """Whether a plain CNPJ has the right shape and check digits."""
    if not _CNPJ.fullmatch(text) or text == text[0] * 14:
        return False
    return text[12] == check_digit(text[:12]) and text[13] == check_digit(text[:13])


def is_cpf(text: str) -> bool:
    """Whether eleven digits are a person's CPF."""
    if not re.fullmatch(r"[0-9]{11}", text) or text == text[0] * 11:
        return False
    return text[9] == check_digit(text[:9], most=11) and text[10] == check_digit(text[:10], most=11)


def has_key_shape(key: str) -> bool:
    """Whether it is made like an access key: 44 characters, or 50 of an NFS-e."""
    return bool((_KEY_44 if len(key) == 44 else _KEY_50).fullmatch(key))


def closes(key: str) -> bool:
    """Whether the last digit of an access key is the right one."""
    return key[-1] == check_digit(key[:-1])


def issuer_of(key: str) -> str:
    """The fourteen characters of an access key that name its issuer: a CNPJ, or 000 and a CPF."""
    return key[6:20] if len(key) == 44 else key[9:23]


def is_issuer(text: str) -> bool:
    """Whether those fourteen characters can be anybody's."""
    return is_cnpj(text) or (text.startswith("000") and is_cpf(text[3:]))


def check_digit(text: str, *, most: int = 9) -> str:
    """Modulo 11 with the weights 2 to `most` from the right, over again; 10 and 11 become 0."""
    span = most - 1
    total = sum((ord(char) - 48) * (2 + at % span) for at, char in enumerate(reversed(text)))
    rest = total % 11
    return "0" if rest < 2 else str(11 - rest)
