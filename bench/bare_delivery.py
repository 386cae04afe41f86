"""Bare httpx delivering documents: the same POST, and one GET for each, as many at once."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import NamedTuple

import httpx

from bench.office import CLIENT_ID, SECRET, Office
from bench.papers import OTHER_COMPANY, invoice
from onvio_agent.onvio.integration_api import BATCHES_PATH, ENABLE_PATH, KEY_HEADER
from onvio_agent.onvio.integration_token import AUDIENCE

ASKING = 3
"""Askers beside the one sender, as the agent has for a company."""


class Bare(NamedTuple):
    """Per document: milliseconds of processor time; and documents a second."""

    cpu_ms: float
    per_s: float


def measure(office: Office, documents: int, office_key: str) -> Bare:
    """Deliver `documents` for the other company, whose key is swapped here."""
    return asyncio.run(_measure(office, documents, office_key))


async def _measure(office: Office, documents: int, office_key: str) -> Bare:
    base = office.ready["api_url"]
    context = ssl.create_default_context(cafile=office.ready["ca_file"])
    async with httpx.AsyncClient(verify=context, trust_env=False, timeout=60.0) as client:
        headers = {"authorization": f"Bearer {await _token(client, office)}"}
        given = await client.post(base + ENABLE_PATH, headers=headers | {KEY_HEADER: office_key})
        headers[KEY_HEADER] = given.raise_for_status().json()["integrationKey"]
        files = [invoice(number, OTHER_COMPANY) for number in range(1, documents + 1)]
        batches: asyncio.Queue[str | None] = asyncio.Queue()

        async def send() -> None:
            for number, data in enumerate(files):
                parts = {
                    "file[]": (f"{number}.xml", data, "application/xml"),
                    "query": (None, b'{"boxeFile": false}', "application/json"),
                }
                answer = await client.post(base + BATCHES_PATH, headers=headers, files=parts)
                batches.put_nowait(answer.raise_for_status().json()["id"])
            for _ in range(ASKING):
                batches.put_nowait(None)

        async def ask() -> None:
            while (batch := await batches.get()) is not None:
                answer = await client.get(f"{base}{BATCHES_PATH}/{batch}", headers=headers)
                assert answer.json()["filesExpanded"][0]["apiStatus"]["code"] in ("SA2", "EA10")

        cpu_s, began = time.process_time(), time.perf_counter()
        await asyncio.gather(send(), *(ask() for _ in range(ASKING)))
        took_s = time.perf_counter() - began
        return Bare((time.process_time() - cpu_s) / documents * 1000, documents / took_s)


async def _token(client: httpx.AsyncClient, office: Office) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "audience": AUDIENCE,
    }
    answer = await client.post(office.ready["auth_url"] + "/oauth/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])
