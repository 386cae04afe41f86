"""The command line's edge, from outside: exit codes, sentences, closed pipes, wrong settings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onvio_agent.cli.main import COMMANDS
from onvio_agent.log import LogFile
from support.scripted import HandClock

COMMAND = [sys.executable, "-c", "from onvio_agent.cli.main import main; main()"]


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "ONVIO_AGENT_HOME": str(home),
        "ONVIO_AGENT_MACHINE_SETTINGS": "",
        "PYTHONWARNINGS": "error",
        **more,
    }


def call(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(home, **more),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def settings(home: Path, text: str) -> Path:
    path = home / "config" / "settings.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_help_lists_every_command_in_portuguese(tmp_path: Path) -> None:
    done = call(tmp_path, "--help")
    assert done.returncode == 0
    assert "Uso:" in done.stdout
    assert "Comandos:" in done.stdout
    assert "Mostra se este escritório está conectado ao ONVIO." in done.stdout
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert not list(tmp_path.iterdir())


def test_the_language_is_that_of_the_users_file(tmp_path: Path) -> None:
    settings(tmp_path, "[ui]\nlanguage = 'en'\n")
    assert "Usage:" in call(tmp_path, "--help").stdout
    assert "Uso:" in call(tmp_path, "--help", ONVIO_AGENT_UI__LANGUAGE="pt_BR").stdout


@pytest.mark.parametrize("locale", ["C", "pt_BR.UTF-8", "en_US.UTF-8"])
def test_the_systems_locale_changes_neither_language_nor_success(
    tmp_path: Path, locale: str
) -> None:
    done = call(tmp_path, "--help", LC_ALL=locale, LANGUAGE="de")
    assert done.returncode == 0
    assert "Opções:" in done.stdout


def test_a_terminal_that_lacks_a_character_is_no_crash(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "config", "show"],
        env=environment(
            tmp_path, PYTHONIOENCODING="cp1252", ONVIO_AGENT_LOG__LEVEL="x", PYTHONUTF8="0"
        ),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert "Há um erro nas configurações".encode("cp1252") in done.stderr
    assert b"\n? Corrija" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["nothing"], "Não existe o comando 'nothing'."),
        (["logs", "--nothing"], "Não existe a opção '--nothing'."),
        (["logs", "-n", "x"], "Valor inválido para '-n' / '--lines'"),
        (["logs", "--since", "soon"], "soon não é um tempo"),
        (["--set", "x", "logs"], "--set precisa de SEÇÃO.CHAVE=VALOR."),
        (["--set", "probe.intervall_s=3", "config", "show"], "Seria probe.interval_s?"),
        (["--set", "probe.interval_s=x", "config", "show"], "um número de 0.2 a 3600"),
        (["config"], ""),
    ],
)
def test_wrong_usage_is_code_2_with_a_sentence(
    tmp_path: Path, arguments: list[str], part: str
) -> None:
    done = call(tmp_path, *arguments)
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "pt_BR",
            ["Há um erro nas configurações:", "linha 2", "precisa ser um número", "→ Corrija"],
        ),
        ("en", ["The settings have a mistake:", "line 2", "must be a number", "→ Correct it"]),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(
    tmp_path: Path, language: str, parts: list[str]
) -> None:
    path = settings(tmp_path, "[probe]\ninterval_s = 'x'\n")
    done = call(tmp_path, "config", "check", ONVIO_AGENT_UI__LANGUAGE=language)
    assert done.returncode == 5
    assert done.stderr.startswith("settings.invalid: ")
    assert str(path) in done.stderr
    assert all(part in done.stderr for part in parts)
    assert not done.stdout


def test_a_file_that_is_no_toml_is_code_5(tmp_path: Path) -> None:
    settings(tmp_path, "[probe\n")
    done = call(tmp_path, "config", "show", "--json")
    assert done.returncode == 5
    assert done.stderr.startswith("settings.invalid: ")
    assert not done.stdout


def test_settings_are_shown_with_their_origin(tmp_path: Path) -> None:
    path = settings(tmp_path, "[probe]\ninterval_s = 7\n")
    done = call(tmp_path, "--set", "log.files=3", "config", "show", "--origin", "--json")
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert shown["probe"]["interval_s"] == {
        "value": 7.0,
        "origin": {"kind": "user", "where": str(path), "line": 2},
        "locked": False,
    }
    assert shown["log"]["files"]["value"] == 3
    assert shown["log"]["files"]["origin"]["kind"] == "command"
    text = call(tmp_path, "config", "show", "--origin").stdout
    assert f"interval_s = 7.0  # arquivo do usuário: {path}, linha 2\n" in text
    assert json.loads(call(tmp_path, "config", "show", "--json").stdout)["log"]["files"] == 10


def test_what_the_machine_wide_file_locks_is_shown_and_refused_elsewhere(tmp_path: Path) -> None:
    machine = tmp_path / "machine.toml"
    machine.write_text("[log]\nfiles = 4\n[policy]\nlocked = ['log.files']\n", encoding="utf-8")
    environ = {"ONVIO_AGENT_MACHINE_SETTINGS": str(machine)}
    shown = call(tmp_path, "config", "show", "--origin", **environ)
    assert f"files = 4  # arquivo da máquina: {machine}, linha 2 (bloqueada)\n" in shown.stdout
    refused = call(tmp_path, "--set", "log.files=3", "config", "show", **environ)
    assert refused.returncode == 4
    assert refused.stderr.startswith("settings.locked: ")
    assert f"{machine}, linha 4" in refused.stderr
    assert not refused.stdout


def test_what_is_shown_can_be_put_back_as_a_file(tmp_path: Path) -> None:
    shown = call(tmp_path, "--set", "probe.interval_s=7", "config", "show").stdout
    settings(tmp_path, shown)
    assert json.loads(call(tmp_path, "config", "show", "--json").stdout)["probe"]["interval_s"] == 7


def test_right_settings_are_said_to_be_right(tmp_path: Path) -> None:
    done = call(tmp_path, "config", "check")
    assert done.returncode == 0
    assert "As configurações estão certas" in done.stdout


def test_the_schema_is_one_document(tmp_path: Path) -> None:
    assert "$defs" in json.loads(call(tmp_path, "config", "schema").stdout)


def test_the_version_is_shown(tmp_path: Path) -> None:
    done = call(tmp_path, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("onvio-agent 0.")


CRASHING = """
import types, sys
from onvio_agent.cli import main
import click
def boom(**_): raise ValueError("password=hunter2hunter2")
module = types.ModuleType("onvio_agent.cli.status")
module.command = click.Command("status", callback=boom)
sys.modules["onvio_agent.cli.status"] = module
main.main()
"""


def test_a_crash_shows_a_sentence_and_its_traceback_goes_to_the_log(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, "status"],
        env=environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert done.stderr.startswith("internal.error: Aconteceu algo inesperado no agente.\n→ ")
    assert "Traceback" not in done.stderr
    written = (tmp_path / "logs" / "agent.log").read_text(encoding="utf-8")
    entry = json.loads(written)
    assert entry["event"] == "command.crashed"
    assert entry["command"] == "status"
    assert "ValueError" in entry["exception"]
    assert "hunter2" not in written


def filled_log(home: Path, count: int) -> LogFile:
    file = LogFile(home / "logs", max_bytes=20_000, files=9, days=30, clock=HandClock())
    for number in range(count):
        keys = {"at": "2026-03-02T09:00:00.000Z", "level": "info", "event": "x.y", "n": number}
        file.write(json.dumps(keys | {"user": "ana" if number % 2 else "bruno"}))
    return file


def test_the_log_is_told_in_sums_and_as_a_sheet(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "logs", max_bytes=20_000, files=9, days=30, clock=HandClock())
    for at, after, reason in (("09:00", "offline", "network.dns"), ("09:30", "online", None)):
        keys = {"at": f"2026-03-02T{at}:00.000Z", "level": "info", "event": "connection.changed"}
        file.write(json.dumps(keys | {"after": after, "reason": reason, "detail": "=1+1"}))
    words = ("logs", "summary", "--offline", "--since", "2026-03-01")
    told = call(tmp_path, *words).stdout
    assert re.search(r"30 min +1 +network.dns", told)
    assert "Usuários que ficaram sem conexão:\n  nenhuma" in told
    summary = json.loads(call(tmp_path, *words, "--json").stdout)
    assert summary["outages"] == [
        {"user": None, "reason": "network.dns", "times": 1, "seconds": 1800.0}
    ]
    rows = call(tmp_path, "logs", "--offline", "--csv").stdout.splitlines()
    assert rows[0] == "at,level,event,user,reason,more"
    assert rows[1].startswith("2026-03-02T09:00:00.000Z,info,connection.changed,,network.dns,")
    assert call(tmp_path, "logs", "--offline", "--csv", "--json").returncode == 2
    assert call(tmp_path, "logs", "summary").returncode == 3


def test_the_log_is_read_without_an_agent(tmp_path: Path) -> None:
    assert call(tmp_path, "logs", "--offline").returncode == 0
    filled_log(tmp_path, 300)
    lines = call(
        tmp_path, "logs", "--offline", "--json", "-n", "3", "--user", "ana"
    ).stdout.splitlines()
    assert [json.loads(line)["n"] for line in lines] == [295, 297, 299]
    assert len(call(tmp_path, "logs", "--offline").stdout.splitlines()) == 50
    assert (
        len(call(tmp_path, "logs", "--offline", "--since", "2026-03-01").stdout.splitlines()) == 300
    )
    assert call(tmp_path, "logs", "--offline", "--since", "1000d", "--level", "error").stdout == ""
    assert call(tmp_path, "logs", "--offline", "--event", "x.", "-n", "1").stdout.endswith(
        "x.y n=299 user=ana\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="closed pipes are told differently there")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    filled_log(tmp_path, 2000)
    process = subprocess.Popen(
        [*COMMAND, "logs", "--offline", "-n", "2000", "--json"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent differently there")
def test_following_goes_on_across_a_rotation_until_interrupted(tmp_path: Path) -> None:
    file = filled_log(tmp_path, 10)
    with subprocess.Popen(
        [*COMMAND, "logs", "--offline", "-f", "-n", "1", "--json"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["n"] == 9
        for number in range(100, 400):
            file.write(json.dumps({"level": "info", "event": "x.y", "n": number}))
            if number % 100 == 0:
                time.sleep(0.3)  # let the follower look between two rotations
        followed = [json.loads(process.stdout.readline())["n"] for _ in range(300)]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert followed == list(range(100, 400))
        assert process.stderr.read() == ""


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_stream_swallows_what_is_said(tmp_path: Path, closed: str) -> None:
    line = f'exec "$@" {closed}>&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *COMMAND, "config", "show"],
        env=environment(tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (closed == "2")


def test_an_argument_that_is_no_text_is_wrong_usage(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "users", "show", b"\xff\xfe"],
        env=environment(tmp_path, LC_ALL="C"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


def test_a_wrong_setting_of_the_call_is_told_by_every_command(tmp_path: Path) -> None:
    done = call(tmp_path, "--set", "links.interval_s=often", "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "links.interval_s" in done.stderr


@pytest.mark.parametrize("command", [["config", "check"], ["run"]])
def test_certificates_that_are_none_are_refused_before_the_agent_runs(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "text.pem").write_text("text", encoding="utf-8")
    here = dict.fromkeys(
        ("ONVIO_AGENT_ONVIO__API_URL", "ONVIO_AGENT_ONVIO__AUTH_URL"), "http://127.0.0.1:9"
    )
    for name in ("missing.pem", "text.pem"):
        path = str(tmp_path / name)
        done = call(tmp_path, *command, ONVIO_AGENT_TLS__CA_FILE=path, **here)
        assert done.returncode == 5
        assert f"tls.ca_file {path}" in done.stderr
        assert "PEM" in done.stderr


@pytest.mark.parametrize("command", [["config", "check"], ["start"]])
def test_a_proxy_that_cannot_be_used_is_refused_before_the_agent_runs(
    tmp_path: Path, command: list[str]
) -> None:
    there = dict.fromkeys(
        ("ONVIO_AGENT_ONVIO__API_URL", "ONVIO_AGENT_ONVIO__AUTH_URL"), "https://onvio.invalid"
    )
    done = call(tmp_path, *command, **there, HTTPS_PROXY="socks5://ana:segredo@127.0.0.1:9")
    assert (done.returncode, done.stdout) == (5, "")
    assert 'HTTPS_PROXY: "socks5://***@127.0.0.1:9"' in done.stderr
    path = str(tmp_path / "password")
    named = {"HTTPS_PROXY": "http://127.0.0.1:9", "ONVIO_AGENT_PROXY__USER": "ana"}
    done = call(tmp_path, *command, **there, **named, ONVIO_AGENT_PROXY__PASSWORD_FILE=path)
    assert (done.returncode, done.stdout) == (5, "")
    assert f"proxy.password_file {path}: " in done.stderr
