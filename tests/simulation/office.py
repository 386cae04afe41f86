"""The office that is simulated, as the cloud's model is told of it."""

from __future__ import annotations

import msgspec

CLIENT_ID = "simulation"
CLIENT_SECRET = "segredo"
PADARIA, OFFICE_KEY = "12ABC34501DE35", "chave"


def office_seed(users: int) -> bytes:
    """One administrator, staff, and one account more than there are users."""
    accounts = [
        {
            "email": f"p{number}@escritorio.example",
            "password": f"senha-{number}",
            "name": f"Pessoa {number}",
            "role": "administrator" if number == 0 else "staff",
        }
        for number in range(users + 1)
    ]
    return msgspec.json.encode(
        {
            "office": {"cnpj": "11222333000181", "name": "Escritório"},
            "accounts": accounts,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "clients": [{"name": "Padaria", "cnpj": PADARIA, "office_key": OFFICE_KEY}],
        }
    )
