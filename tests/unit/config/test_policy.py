"""What the machine-wide file locks, nobody below it sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_config.load import load
from onvio_config.model import Settings
from onvio_config.paths import Paths
from onvio_config.text import LockedError, SettingsError

POLICY = "[onvio]\nclient_id = 'office'\n[policy]\nlocked = ['onvio.client_id', 'proxy.*']\n"


def profile(folder: Path, machine: str, user: str = "") -> Paths:
    paths = Paths(folder, folder, folder, folder, folder / "machine.toml")
    (folder / "machine.toml").write_text(machine, encoding="utf-8")
    paths.settings_path.write_text(user, encoding="utf-8")
    return paths


def test_a_locked_setting_is_the_machine_wide_files_and_else_the_default(tmp_path: Path) -> None:
    loaded = load(profile(tmp_path, POLICY, "[log]\nfiles = 3\n"), {})
    assert loaded.settings.onvio.client_id == "office"
    assert loaded.settings.proxy == Settings().proxy
    assert loaded.settings.log.files == 3
    assert sorted(loaded.locks) == [
        "onvio.client_id", "proxy.password_file", "proxy.url", "proxy.user",
    ]  # fmt: skip


def test_the_order_of_the_sections_does_not_matter(tmp_path: Path) -> None:
    policy_first = "[policy]\nlocked = ['log.files']\n[log]\nfiles = 4\n"
    assert load(profile(tmp_path, policy_first), {}).settings.log.files == 4


@pytest.mark.parametrize(
    ("user", "environ", "overrides", "where"),
    [
        ("\n[proxy]\nurl = 'none'\n", {}, [], "settings.toml, line 3"),
        ("[onvio]\nclient_id = 'office'\n", {}, [], "settings.toml, line 2"),
        ("", {"ONVIO_AGENT_PROXY__URL": "none"}, [], "ONVIO_AGENT_PROXY__URL"),
        ("", {"ONVIO_AGENT_PROXY__URL": ""}, [], "ONVIO_AGENT_PROXY__URL"),
        ("", {}, [("proxy.user", "x")], "--set proxy.user"),
    ],
    ids=["file", "same value", "environment", "empty", "command"],
)
def test_a_locked_setting_that_is_set_below_is_refused_with_both_places(
    tmp_path: Path,
    user: str,
    environ: dict[str, str],
    overrides: list[tuple[str, str]],
    where: str,
) -> None:
    with pytest.raises(LockedError) as caught:
        load(profile(tmp_path, POLICY, user), environ, overrides)
    assert where in str(caught.value)
    assert f"{tmp_path / 'machine.toml'}, line 4" in str(caught.value)
    assert caught.value.key in str(caught.value)


def test_the_refusal_does_not_show_the_value(tmp_path: Path) -> None:
    with pytest.raises(LockedError) as caught:
        load(profile(tmp_path, POLICY), {"ONVIO_AGENT_ONVIO__CLIENT_ID": "canary"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("'proxy.*'", "must be a list"),
        ("[3]", "must be a list"),
        ("['proxy']", 'no setting "proxy"'),
        ("['proxy.nothing']", 'no setting "proxy.nothing"'),
        ("['*']", 'no setting "*"'),
        ("['policy.locked']", "no setting"),
        (r"['a\u001b[31m']", "no setting"),
    ],
)
def test_a_mistake_in_the_policy_is_named_with_its_place(
    tmp_path: Path, value: str, part: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(profile(tmp_path, f"[policy]\nlocked = {value}\n"), {})
    assert (caught.value.line, caught.value.key) == (2, "policy.locked")
    assert part in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_unknown_key_of_the_policy_names_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Did you mean policy\.locked"):
        load(profile(tmp_path, "[policy]\nlock = []\n"), {})


def test_nobody_but_the_machine_wide_file_locks(tmp_path: Path) -> None:
    locking = "[policy]\nlocked = ['log.files']\n"
    for user, environ in ((locking, {}), ("", {"ONVIO_AGENT_POLICY__LOCKED": "log.files"})):
        with pytest.raises(SettingsError, match="only the machine-wide file"):
            load(profile(tmp_path, "", user), environ)


def test_an_empty_policy_locks_nothing(tmp_path: Path) -> None:
    for machine in ("[policy]\n", "[policy]\nlocked = []\n"):
        assert not load(profile(tmp_path, machine), {}).locks
