"""A support bundle of a lived-in profile: no secret and no name in any byte of it, one mask for one person."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import stat
import zipfile
from pathlib import Path
from typing import Any

from support.canary import leaks
from support.office import MANAGER, MANAGER_PASSWORD, Profile
from support.sim import ANA, BRUNO, GERENTE, Simulator, password_of

PROXY_PASSWORD = "canario-do-proxy-8Hs2Qm"
ENVIRONMENT = "canario-do-ambiente-4Tz9Lk"
LOGGED = "canario-no-registro-7Vx3Rn"
STRANGER = "fulana.canario@fora.example"
PARTS = [
    "versions.json", "settings.json", "doctor.json", "status.json", "store.json", "logs.jsonl",
]  # fmt: skip


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def entries(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def say(profile: Profile, detail: str, **more: str) -> None:
    """A line of the log that should not have been written so."""
    entry = {
        "at": "2026-03-04T10:22:05Z",
        "level": "info",
        "event": "canary.planted",
        "detail": detail,
    }
    with profile.paths.log_path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry | more, ensure_ascii=False) + "\n")


def secrets_of(profile: Profile, simulator: Simulator) -> dict[str, str | bytes]:
    planted: dict[str, str | bytes] = {
        f"password of {email}": password_of(email) for email in (GERENTE, ANA)
    }
    planted |= {
        "Gerente's password": MANAGER_PASSWORD,
        "proxy password": PROXY_PASSWORD,
        "environment": ENVIRONMENT,
        "logged password": LOGGED,
        "API token": json.loads(profile.paths.runtime_path.read_text())["token"],
        "session": json.loads(profile.paths.session_path.read_text())["session"],
        "vault key": profile.paths.key_path.read_bytes().strip(),
    }
    for path in simulator.folder.rglob("cloud.json"):
        tokens = json.loads(path.read_text())["world"]["tokens"]
        planted |= {f"access token {at}": token for at, token in enumerate(tokens["access"])}
    return planted


def test_no_secret_and_no_name_is_in_any_byte_and_a_person_has_one_mask(
    profile: Profile, simulator: Simulator
) -> None:
    profile.set(LOG__LEVEL="debug", WORKSTATION__USER="ana")
    profile.seat("ana")
    profile.add("bruno")
    profile.must("login", "--login", MANAGER, "--password-stdin", input=MANAGER_PASSWORD + "\n")
    profile.environ["HTTP_PROXY"] = f"http://joana:{PROXY_PASSWORD}@127.0.0.1:9"
    profile.environ["MEU_TOKEN"] = ENVIRONMENT
    token = json.loads(profile.paths.runtime_path.read_text())["token"]
    say(profile, f"password={LOGGED}", user="ana")
    say(profile, f"senha: {LOGGED} {ENVIRONMENT} {PROXY_PASSWORD} {token}")
    say(profile, f"Ana Moreira <{ANA.upper()}> of {BRUNO}")
    say(profile, f"{STRANGER} 11.222.333/0001-81")
    say(profile, f"{profile.home_dir}/x on {platform.node()}")
    say(profile, "added", client="Padaria Canário", cnpj="12ABC34501DE35")

    target = profile.home_dir.parent / "suporte.zip"
    done = profile.cli("support-bundle", str(target), "--yes")
    assert done.code == 0, done
    assert all(name in done.out for name in PARTS)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    parts = unpacked(target)
    assert list(parts) == PARTS

    planted = secrets_of(profile, simulator)
    assert any(name.startswith("access token") for name in planted), "the search itself is blind"
    assert leaks(planted, parts.items()) == []
    people = {
        GERENTE: GERENTE, ANA: ANA, BRUNO: BRUNO, "stranger": STRANGER, "Helena": "Helena",
        "Prado": "Prado", "Moreira": "Moreira", "Teixeira": "Teixeira", "helena": "helena",
        "bruno": "bruno", "proxy user": "joana", "company": "Padaria", "CNPJ": "12ABC34501DE35",
        "other CNPJ": "11.222.333/0001-81", "plain CNPJ": "11222333000181",
    }  # fmt: skip
    if len(platform.node()) > 3:  # a shorter name lies in any text
        people["host"] = platform.node()
    if getpass.getuser() not in ("root", "onvio-agent"):
        people["account"] = getpass.getuser()
    lowered = [(name, content.lower()) for name, content in parts.items()]
    assert leaks({name: text.lower() for name, text in people.items()}, lowered) == []
    assert not [name for name, content in parts.items() if os.fsencode(profile.home_dir) in content]
    assert b"ana" not in {word.lower() for word in parts["logs.jsonl"].split(b'"')}

    status = json.loads(parts["status.json"])
    masks = [user["login"] for user in status["users"]]
    assert masks == ["pessoa-1", "pessoa-2", "pessoa-3"]
    for user in status["users"]:
        assert {user["name"], user["onvio_email"]} <= {user["login"], None}
    lines = entries(parts["logs.jsonl"])
    assert {line["user"] for line in lines if "user" in line} <= set(masks)
    said = [line["detail"] for line in lines if line["event"] == "canary.planted"]
    assert re.fullmatch(
        r"pessoa-2 <pessoa-2> of pessoa-\d", said[2]
    )  # nobody is linked with that one
    settings = {row["setting"]: row["value"] for row in json.loads(parts["settings.json"])}
    assert settings["workstation.user"] == "pessoa-2"
    assert settings["onvio.client_id"]


def test_a_bundle_without_an_agent_and_with_a_damaged_data_file_is_written(lonely: Profile) -> None:
    lonely.set_up(start=False)
    lonely.paths.log_dir.mkdir(exist_ok=True)
    say(lonely, "Helena Prado was here")
    target = lonely.home_dir / "suporte.zip"
    assert lonely.cli("support-bundle", str(target), "--yes").code == 0
    parts = unpacked(target)
    assert list(parts) == [name for name in PARTS if name != "status.json"]
    rows = {row["table"]: row["rows"] for row in json.loads(parts["store.json"])["tables"]}
    assert rows["users"] == 1
    assert entries(parts["logs.jsonl"])[-1]["detail"] == "pessoa-1 was here"
    assert json.loads(parts["doctor.json"])["ok"] is False
    target.unlink()
    lonely.paths.store_path.write_bytes(b"not a data file" * 1000)
    assert lonely.cli("support-bundle", str(target), "--yes").code == 0
    assert json.loads(unpacked(target)["store.json"])["trouble"] == "store.corrupt"


def test_it_replaces_nothing_and_asks_before_it_writes(lonely: Profile) -> None:
    target = lonely.home_dir / "suporte.zip"
    done = lonely.cli("support-bundle", str(target))
    assert (done.code, target.exists()) == (4, False)
    assert "bundle.not_confirmed: " in done.err
    assert "settings.json" in done.out
    target.write_text("mine")
    os.chmod(target, 0o640)
    done = lonely.cli("support-bundle", str(target), "--yes")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("bundle.exists: ")
    assert target.read_text() == "mine"
