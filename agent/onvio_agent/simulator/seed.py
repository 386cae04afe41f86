"""What the simulated ONVIO starts with: the office, its accounts and its clients.

Why: one JSON file describes an office completely, for people and for tests.
It must not guess: an unknown key or a wrong type is an error that names the place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Role = Literal["administrator", "staff", "unknown"]
AccountState = Literal["active", "disabled", "new", "reset"]
SecondFactor = Literal["otp", "oob", "push"]
Unknown = Literal["unknown"]

DEFAULT_CLIENT_ID = "onvio-agent"


class SeedError(ValueError):
    """The seed cannot be used; the text says where and why."""


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accounting office that the accounts belong to."""

    cnpj: str = "11222333000181"
    name: str = "Escritório Modelo Contabilidade"


class SeedAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ONVIO account. `role` null or "unknown": no answer names a role, likewise `office`
    "unknown"; `office` null: the seed's."""

    email: str
    password: str
    name: str = ""
    role: Role | None = "staff"
    state: AccountState = "active"
    second_factor: SecondFactor | None = None
    office: Office | Unknown | None = None


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A company that the office keeps the books of; `office_key` activates its integration."""

    name: str
    cnpj: str
    office_key: str = ""


class Seed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole start state. An empty `client_secret` means a public client."""

    office: Office = Office()
    accounts: tuple[SeedAccount, ...] = ()
    clients: tuple[Client, ...] = ()
    client_id: str = DEFAULT_CLIENT_ID
    client_secret: str = ""
    password_grant: bool = True
    expires_in_s: int = 86400


def read_seed(data: bytes) -> Seed:
    """Decode a seed file. Raises SeedError with the path of the wrong key."""
    try:
        seed = msgspec.json.decode(data, type=Seed)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SeedError(str(error)) from error
    _check(seed)
    return seed


def _check(seed: Seed) -> None:
    seen: dict[str, int] = {}
    for at, account in enumerate(seed.accounts):
        place = f"$.accounts[{at}].email"
        if "@" not in account.email:
            raise SeedError(f"Expected an e-mail address - at `{place}`")
        other = seen.setdefault(account.email.casefold(), at)
        if other != at:
            raise SeedError(f"The same e-mail as `$.accounts[{other}]` - at `{place}`")
    if not seed.client_id:
        raise SeedError("Expected a text that is not empty - at `$.client_id`")
    if seed.expires_in_s < 1:
        raise SeedError("Expected seconds >= 1 - at `$.expires_in_s`")


def demo_seed(password_for: Callable[[str], str]) -> Seed:
    """The office of the demo. `password_for(email)` makes each account's password."""

    def account(email: str, name: str, role: Role = "staff") -> SeedAccount:
        return SeedAccount(email, password_for(email), name, role)

    return Seed(
        accounts=(
            account("gerente@escritorio.example", "Helena Prado", "administrator"),
            account("ana@escritorio.example", "Ana Moreira"),
            account("bruno@escritorio.example", "Bruno Teixeira"),
            account("carla@escritorio.example", "Carla Nogueira"),
            account("davi@escritorio.example", "Davi Antunes"),
        ),
        clients=(
            Client("Padaria Pão da Serra Ltda", "12ABC34501DE35", "demo-padaria"),
            Client("Oficina Roda Viva ME", "45723174000110", "demo-oficina"),
        ),
    )
