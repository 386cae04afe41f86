"""Which parts there are, how large the log may be, and that a late line's person is known early."""

from __future__ import annotations

import json
from collections.abc import Sequence

from onvio_agent.bundle import parts as bundle
from onvio_agent.bundle.parts import Sources, bundle_parts
from onvio_agent.contract.diagnosis import Diagnosis
from onvio_agent.log.reader import Entry
from onvio_agent.store.statistics import Names, StoreStatistics


def made(log: Sequence[Entry]) -> dict[str, bytes]:
    sources = Sources(
        settings=[{"setting": "onvio.api_url", "value": "https://api.example of zoe"}],
        diagnosis=Diagnosis(ok=True, broken=None, rungs=()),
        status=None,
        log=log,
        store=StoreStatistics(present=False),
        names=Names(),
        logins=(),
        places=(),
        secrets=(),
    )
    return dict(bundle_parts(sources))


def test_a_person_of_the_log_alone_is_masked_in_every_part() -> None:
    found = made([{"event": "link.ended", "user": "zoe"}])
    assert "status.json" not in found
    assert json.loads(found["logs.jsonl"]) == {"event": "link.ended", "user": "pessoa-1"}
    settings = [{"setting": "onvio.api_url", "value": "https://api.example of pessoa-1"}]
    assert json.loads(found["settings.json"]) == settings


def test_the_newest_lines_are_kept_within_their_bounds() -> None:
    entries: list[Entry] = [
        {"event": "a.b", "n": n, "text": ["x y" * 300] * 2} for n in range(bundle.MAX_ENTRIES + 10)
    ]
    lines = made(entries)["logs.jsonl"].splitlines()
    assert sum(map(len, lines)) <= bundle.MAX_LOG_BYTES
    numbers = [json.loads(line)["n"] for line in lines]
    assert numbers == list(range(len(entries) - len(lines), len(entries)))
    short = [{"event": "a.b", "n": n} for n in range(bundle.MAX_ENTRIES + 10)]
    assert len(made(short)["logs.jsonl"].splitlines()) == bundle.MAX_ENTRIES
