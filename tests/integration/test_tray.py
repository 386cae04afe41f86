"""The tray with a real agent: it follows, greys, starts, restarts, and ends; its desktop is a pipe."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onvio_agent.client import running_pid
from support.buses import eventually
from support.office import Profile
from support.sim import ANA, Simulator
from support.trays import PIPES_DIR, Tray

HEAVY = {
    *("apscheduler", "argparse", "asyncio", "click", "cryptography", "httpx", "inspect", "keyring"),
    *("logging", "PIL", "sqlite3", "ssl", "starlette", "structlog", "subprocess", "truststore"),
    *("typing_extensions", "uvicorn"),
}
"""What a tray must not load. (A desktop's own side may add to it, but for the agent's machinery.)"""

Open = Callable[..., Tray]


@pytest.fixture
def profile(tmp_path: Path, simulator: Simulator) -> Iterator[Profile]:
    """A profile against the simulated ONVIO; whatever agent runs on it is killed afterwards."""
    made = Profile(tmp_path / "home", simulator, UI__LANGUAGE="pt_BR")
    yield made
    made.kill()
    left = running_pid(made.paths)
    if left is not None:
        os.kill(left, signal.SIGKILL)


@pytest.fixture
def open_tray(profile: Profile) -> Iterator[Open]:
    """Trays of that profile; ended afterwards."""
    opened: list[Tray] = []

    def begin(**more: str) -> Tray:
        opened.append(Tray(profile.environ, **more))
        return opened[-1]

    yield begin
    for tray in opened:
        if tray.process.poll() is None:
            code, said = tray.end()
            assert code == 0
            assert "Traceback" not in said


def log_of(profile: Profile) -> list[dict[str, object]]:
    lines = (profile.paths.log_dir / "tray.log").read_text().splitlines()
    return [json.loads(line) for line in lines]


def events(profile: Profile, name: str) -> list[dict[str, object]]:
    return [entry for entry in log_of(profile) if entry["event"] == name]


def labels(said: dict[str, object]) -> list[str]:
    return [item["label"] for item in said["menu"]]  # type: ignore[attr-defined]


def test_it_shows_what_the_agent_says_and_a_click_reconnects(
    profile: Profile, simulator: Simulator, open_tray: Open
) -> None:
    profile.seat("ana")
    tray = open_tray()
    shown = tray.wait_icon("green", "Conectado ao ONVIO")
    assert "Helena Prado" in labels(shown)
    profile.must("pause")
    shown = tray.wait_icon("play")
    assert "Retomar" in labels(shown)
    before = len(simulator.journal())
    tray.send("click")
    tray.wait_icon("green")
    assert len(simulator.journal()) > before


def test_a_click_that_is_not_enough_says_the_next_step(
    profile: Profile, simulator: Simulator, open_tray: Open
) -> None:
    profile.seat("ana")
    tray = open_tray()
    tray.wait_icon("green")
    simulator.revoke(ANA)
    tray.wait_icon("play", "sessão")
    tray.send("click")
    notice = tray.wait_notice()
    assert "sessão" in notice["title"]
    assert notice["body"]


def test_a_click_on_green_opens_the_panel(
    profile: Profile, open_tray: Open, tmp_path: Path
) -> None:
    opened_path = tmp_path / "opened"
    profile.environ["OPENED_PATH"] = str(opened_path)
    profile.seat()
    tray = open_tray()
    tray.wait_icon("green")
    tray.send("click")
    eventually(opened_path.exists, "the panel in a browser")


def test_a_click_opens_the_panel_where_it_takes_a_sign_in(
    profile: Profile, simulator: Simulator, open_tray: Open, tmp_path: Path
) -> None:
    opened_path = tmp_path / "opened"
    profile.environ["OPENED_PATH"] = str(opened_path)
    profile.seat("ana")
    tray = open_tray()
    tray.wait_icon("green")
    simulator.revoke(ANA)
    tray.wait_icon("play", "sessão")
    tray.send("click")
    eventually(opened_path.exists, "the panel in a browser")


def test_without_an_agent_it_is_grey_and_a_click_starts_one(
    profile: Profile, open_tray: Open
) -> None:
    profile.seat()
    profile.stop()
    tray = open_tray()
    tray.wait_icon("grey", "não está em execução")
    tray.send("click")
    tray.wait_icon("green")
    pid = running_pid(profile.paths)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    tray.wait_icon("grey", "não está em execução")


def test_what_keeps_the_agent_from_starting_is_said(profile: Profile, open_tray: Open) -> None:
    profile.paths.ensure()
    profile.paths.settings_path.write_text("[probe]\ninterval_s = 'x'\n")
    tray = open_tray()
    tray.wait_icon("grey", "não está em execução")
    tray.send("click")
    assert "probe.interval_s" in tray.wait_notice()["body"]
    assert events(profile, "settings.refused")


@pytest.mark.slow
def test_a_stopped_process_is_grey_within_forty_seconds_and_a_click_replaces_it(
    profile: Profile, open_tray: Open
) -> None:
    profile.seat()
    profile.set(PROBE__VALID_MIN_S=600, LINKS__VALID_S=600)
    profile.stop()
    profile.start()
    tray = open_tray()
    tray.wait_icon("green")
    hung = running_pid(profile.paths)
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    tray.wait_icon("grey", "não responde", timeout_s=40)
    tray.send("click")
    tray.wait_icon("green", timeout_s=40)
    assert running_pid(profile.paths) not in (hung, None)


def test_a_click_finds_a_hung_agent_before_the_silence_does(
    profile: Profile, open_tray: Open
) -> None:
    profile.seat()
    profile.set(PROBE__VALID_MIN_S=600, LINKS__VALID_S=600)
    profile.stop()
    profile.start()
    tray = open_tray()
    tray.wait_icon("green")
    hung = running_pid(profile.paths)
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    tray.send("menu reconnect")
    tray.wait_icon("grey", "não responde")
    os.kill(hung, signal.SIGCONT)
    tray.wait_icon("green")


def test_green_ends_by_itself_with_the_verdict(profile: Profile, open_tray: Open) -> None:
    """The verdict of this agent holds for three seconds, its heartbeat is 15 s away."""
    profile.seat()
    tray = open_tray()
    tray.wait_icon("green")
    hung = running_pid(profile.paths)
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    tray.wait_icon("grey", timeout_s=8)
    os.kill(hung, signal.SIGCONT)
    tray.wait_icon("green")


def test_a_running_tray_has_loaded_nothing_of_the_agents_machinery(
    profile: Profile, open_tray: Open
) -> None:
    """What is left out here is what keeps the icon small."""
    profile.seat()
    tray = open_tray()
    tray.wait_icon("green")
    profile.must("pause")
    tray.wait_icon("play")
    tray.send("click")
    tray.wait_icon("green")
    tray.send("modules")
    names = tray.wait(lambda said: said["say"] == "modules", "its modules")["names"]
    assert not HEAVY & {name.partition(".")[0] for name in names}


def test_an_hours_pause_comes_from_the_menu(profile: Profile, open_tray: Open) -> None:
    profile.seat()
    tray = open_tray()
    tray.wait_icon("green")
    tray.send("menu pause")
    tray.wait_icon("play", "em pausa")
    assert profile.status().intent.until is not None
    tray.send("menu resume")
    tray.wait_icon("green")


def test_whose_workstation_it_is_is_chosen_in_the_menu(profile: Profile, open_tray: Open) -> None:
    profile.seat("ana")
    profile.add("bruno")
    tray = open_tray()
    tray.wait_icon("green")
    tray.send("menu own/bruno")
    tray.wait_icon("grey", "não está vinculado")
    assert 'user = "bruno"' in profile.paths.settings_path.read_text()
    assert profile.status().icon.reason == "link.none"
    tray.send("menu own/")
    tray.wait_icon("green")


def test_sair_ends_the_tray_and_leaves_the_agent(profile: Profile, open_tray: Open) -> None:
    profile.seat()
    tray = open_tray()
    tray.wait_icon("green")
    tray.send("menu quit")
    assert tray.process.wait(10) == 0
    assert profile.status().icon.state == "green"
    tray.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(profile: Profile, open_tray: Open, number: int) -> None:
    tray = open_tray()
    tray.wait_icon("grey")
    code, said = tray.end(number)
    assert (code, said) == (0, "")
    assert events(profile, "tray.stopped")


def test_there_is_one_tray_in_each_session(profile: Profile, open_tray: Open) -> None:
    first = open_tray()
    first.wait_icon("grey")
    second = open_tray()
    assert second.process.wait(20) == 5
    _code, said = second.end()
    assert f"(pid {first.process.pid})" in said
    other_session = open_tray(DISPLAY=":1")
    other_session.wait_icon("grey")


def test_a_desktop_that_is_missing_is_told_once_and_looked_for(
    profile: Profile, open_tray: Open
) -> None:
    tray = open_tray(PIPE_MISSING="2")
    tray.wait(lambda said: said["say"] == "run", "a desktop")
    code, said = tray.end()
    assert code == 0
    assert said.count("Nenhuma área de trabalho") == 1
    assert [each["reason"] for each in events(profile, "backend.gone")] == ["no pipes for auto"]


def test_a_desktop_that_goes_is_found_again_with_the_icon_of_now(
    profile: Profile, open_tray: Open
) -> None:
    tray = open_tray()
    tray.wait_icon("grey")
    tray.send("gone")
    tray.wait_icon("grey")
    tray.wait(lambda said: said["say"] == "run", "shown again")


def test_an_error_of_the_backend_that_nobody_expects_costs_the_icon_for_a_moment_only(
    profile: Profile, open_tray: Open
) -> None:
    tray = open_tray()
    tray.wait_icon("grey")
    tray.send("crash")
    tray.wait_icon("grey")
    tray.wait(lambda said: said["say"] == "run", "shown again")
    assert ["bug" in str(each["error"]) for each in events(profile, "tray.crashed")] == [True]


@pytest.mark.slow
def test_a_thread_that_dies_takes_the_icon_with_it_until_all_begins_anew(
    profile: Profile, open_tray: Open
) -> None:
    tray = open_tray()
    tray.wait_icon("grey")
    tray.send("blind")
    profile.seat()  # whose green cannot be shown any more
    tray.wait_icon("green", timeout_s=40)
    assert events(profile, "tray.crashed")
    assert len(events(profile, "tray.started")) == 2


def test_it_ends_with_whoever_holds_its_standard_input(profile: Profile) -> None:
    tray = Tray(profile.environ, words=["--end-with-stdin"])
    tray.wait(lambda said: said["say"] == "run", "the icon")
    assert tray.process.stdin is not None
    tray.process.stdin.close()
    assert tray.process.wait(10) == 0
    tray.end()


@pytest.mark.slow
def test_a_backend_that_hangs_is_replaced_by_a_fresh_process(
    profile: Profile, open_tray: Open
) -> None:
    tray = open_tray()
    tray.wait_icon("grey")
    tray.send("hang")
    tray.wait_icon("grey", timeout_s=40)
    tray.send("menu quit")
    assert tray.process.wait(10) == 0
    tray.end()
    assert [said["say"] for said in tray.said].count("run") == 2
    assert len(events(profile, "tray.started")) == 2
    assert events(profile, "backend.hung")


def test_an_agent_of_another_version_makes_the_tray_begin_anew_once(
    profile: Profile, open_tray: Open, tmp_path: Path
) -> None:
    """The tray's own version is another one here, for as long as the process lives and after."""
    profile.seat()
    older = tmp_path / "older"
    older.mkdir()
    (older / "sitecustomize.py").write_text(
        "import onvio_agent, runpy\nonvio_agent.__version__ = '0.0.9'\n"
        f"import sys\nsys.path.insert(1, {str(PIPES_DIR)!r})\n"
        f"runpy.run_path({str(PIPES_DIR / 'sitecustomize.py')!r})\n"
    )
    tray = open_tray(PYTHONPATH=str(older))
    tray.wait_icon("green")
    assert len(events(profile, "tray.started")) == 2
    assert len(events(profile, "tray.outdated")) == 1
    profile.stop()
    tray.wait_icon("grey")
    profile.start()
    tray.wait_icon("green")
    assert len(events(profile, "tray.started")) == 3, "another agent, one more try"
