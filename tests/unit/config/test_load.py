"""Layers of settings, and mistakes that are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_config.keys import Key, known_keys
from onvio_config.load import Loaded, load
from onvio_config.model import Settings
from onvio_config.paths import Paths
from onvio_config.sources import Origin, OriginKind
from onvio_config.text import SettingsError


def profile(folder: Path, *, user: str | bytes = "", machine: str | bytes | None = None) -> Paths:
    paths = Paths(folder, folder, folder, folder, folder / "machine.toml")
    for path, content in ((paths.settings_path, user), (folder / "machine.toml", machine)):
        if content:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def mistake(paths: Paths, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(paths, environ)
    return caught.value


def outcome(paths: Paths, overrides: list[tuple[str, str]]) -> Loaded | SettingsError:
    try:
        return load(paths, {}, overrides)
    except SettingsError as error:
        return error


def test_without_any_source_every_setting_has_its_default(tmp_path: Path) -> None:
    loaded = load(profile(tmp_path), {})
    assert loaded.settings == Settings()
    assert set(loaded.origins) == set(known_keys())
    assert {origin.kind for origin in loaded.origins.values()} == {OriginKind.DEFAULT}


def test_a_later_layer_overrides_an_earlier_one(tmp_path: Path) -> None:
    paths = profile(
        tmp_path,
        machine="[probe]\ninterval_s = 10\ndeadline_s = 1\nvalid_min_s = 50\n[retry]\nfirst_s=2",
        user="[probe]\ninterval_s = 11\ndeadline_s = 2\nvalid_min_s = 60\n",
    )
    environ = {"ONVIO_AGENT_PROBE__INTERVAL_S": "12", "ONVIO_AGENT_PROBE__DEADLINE_S": "3"}
    settings = load(paths, environ, [("probe.interval_s", "13")]).settings
    assert settings.probe.interval_s == 13
    assert settings.probe.deadline_s == 3
    assert settings.probe.valid_min_s == 60
    assert settings.retry.first_s == 2


def test_each_value_keeps_the_place_that_set_it(tmp_path: Path) -> None:
    paths = profile(tmp_path, machine="[log]\n\nfiles = 3\n", user="# mine\nui.language = 'en'\n")
    environ = {"ONVIO_AGENT_CONTROL__PORT": "8080"}
    origins = load(paths, environ, [("history.retention_days", "9")]).origins
    assert origins["log.files"] == Origin(OriginKind.MACHINE, str(tmp_path / "machine.toml"), 3)
    assert origins["ui.language"] == Origin(OriginKind.USER, str(paths.settings_path), 2)
    assert origins["control.port"] == Origin(OriginKind.ENVIRONMENT, "ONVIO_AGENT_CONTROL__PORT")
    assert origins["history.retention_days"].kind is OriginKind.COMMAND
    assert origins["probe.interval_s"].kind is OriginKind.DEFAULT


def test_an_empty_value_in_the_environment_means_the_default(tmp_path: Path) -> None:
    paths = profile(tmp_path, user="[probe]\ninterval_s = 11\n[ui]\nlanguage='en'")
    environ = {"ONVIO_AGENT_PROBE__INTERVAL_S": "", "ONVIO_AGENT_UI__LANGUAGE": ""}
    settings = load(paths, environ).settings
    assert settings.probe.interval_s == Settings().probe.interval_s
    assert settings.ui.language == "pt_BR"


def test_variables_without_two_underscores_are_not_settings(tmp_path: Path) -> None:
    environ = {"ONVIO_AGENT_HOME": "/x", "ONVIO_AGENT_COLOUR": "red", "OTHER__PROBE": "1"}
    assert load(profile(tmp_path), environ).settings == Settings()


@pytest.mark.parametrize("key", known_keys().values(), ids=lambda key: key.dotted)
def test_every_default_passes_its_own_bounds(key: Key, tmp_path: Path) -> None:
    text = str(key.default)
    loaded = load(profile(tmp_path), {key.variable: text}, [(key.dotted, text)])
    assert loaded.settings == Settings()
    assert loaded.origins[key.dotted].kind is OriginKind.COMMAND


@pytest.mark.parametrize(
    ("line", "key", "expected", "found"),
    [
        ("interval_s = 'x'", "probe.interval_s", "a number from 0.2 to 3600", '"x"'),
        ("interval_s = '30'", "probe.interval_s", "a number", '"30"'),
        ("interval_s = 0", "probe.interval_s", "a number", "0"),
        ("interval_s = nan", "probe.interval_s", "a number", "nan"),
        ("interval_s = inf", "probe.interval_s", "a number", "inf"),
        ("interval_s = true", "probe.interval_s", "a number", "True"),
        ("interval_s = 1979-05-27", "probe.interval_s", "a number", "1979"),
        ("failures_before_offline = 2.5", "probe.failures_before_offline", "a whole number", "2.5"),
        ("failures_before_offline = [1]", "probe.failures_before_offline", "a whole number", "[1]"),
    ],
)
def test_a_wrong_value_is_named_with_file_line_key_and_what_was_expected(
    tmp_path: Path, line: str, key: str, expected: str, found: str
) -> None:
    paths = profile(tmp_path, user=f"\n[probe]\n{line}\n")
    error = mistake(paths)
    assert (error.path, error.line, error.key) == (str(paths.settings_path), 3, key)
    assert not error.by_command
    for part in (str(paths.settings_path), "line 3", key, expected, found):
        assert part in str(error)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://api.example.com", True),
        ("https://api.example.com:8443/base/", True),
        ("https://[2001:db8::1]:8443", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/x", True),
        ("http://[::1]:9", True),
        ("http://api.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("https://user:password@example.com", False),
        ("https://example.com/?q", False),
        ("https://example.com\n", False),
        ("https:///x", False),
        ("ftp://example.com", False),
        ("example.com", False),
    ],
)
def test_addresses_are_https_and_plain_http_only_to_this_machine(
    tmp_path: Path, url: str, right: bool
) -> None:
    paths = profile(tmp_path)
    if right:
        assert load(paths, {"ONVIO_AGENT_ONVIO__API_URL": url}).settings.onvio.api_url == url
    else:
        assert "https://" in str(mistake(paths, ONVIO_AGENT_ONVIO__API_URL=url))


def test_an_unknown_key_names_the_nearest_one(tmp_path: Path) -> None:
    error = mistake(profile(tmp_path, user="[probe]\ninterval = 3\n"))
    assert (error.line, error.key) == (2, "probe.interval")
    assert "Did you mean probe.interval_s?" in str(error)


def test_an_unknown_variable_names_the_nearest_one(tmp_path: Path) -> None:
    error = mistake(profile(tmp_path), ONVIO_AGENT_PROBE__INTERVAL="3")
    assert "Did you mean ONVIO_AGENT_PROBE__INTERVAL_S?" in str(error)


@pytest.mark.parametrize(
    "text", ["[elsewhere]\nx = 1\n", "[elsewhere]\n", "probe = 3\n", "x = 1\n"]
)
def test_an_unknown_section_is_refused(tmp_path: Path, text: str) -> None:
    error = mistake(profile(tmp_path, user=text))
    assert error.line in (1, 2)
    assert "there is no setting" in str(error)


def test_an_unknown_key_on_the_command_line_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(profile(tmp_path), {}, [("probe.nothing", "1")])
    assert caught.value.by_command


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        ("[probe]\ninterval_s == 3\n", 2, "not valid TOML"),
        ("[probe\n", 1, "not valid TOML"),
        ("[probe]\ninterval_s = 1\ninterval_s = 2\n", 3, "not valid TOML"),
        ("[workstation]\nuser = 'josé'\n".encode("cp1252"), 2, "UTF-8"),
        (b"\x00\x01\x02", 1, "not valid TOML"),
        (b"#" + b"x" * 2_000_000, None, "too large"),
        ("a = " + "[" * 5000, None, "not valid TOML"),
    ],
    ids=["syntax", "header", "twice", "windows-1252", "binary", "large", "deep"],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, line: int | None, part: str
) -> None:
    paths = profile(tmp_path, user=content)
    error = mistake(paths)
    assert error.path == str(paths.settings_path)
    assert part in str(error)
    if line is not None:
        assert error.line == line


def test_a_file_that_notepad_wrote_is_read(tmp_path: Path) -> None:
    paths = profile(tmp_path, user="[ui]\r\nlanguage = 'en'\r\n".encode("utf-8-sig"))
    assert load(paths, {}).settings.ui.language == "en"


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    paths = profile(tmp_path)
    paths.settings_path.mkdir()
    assert mistake(paths).path == str(paths.settings_path)


def test_control_characters_of_a_wrong_value_are_not_shown(tmp_path: Path) -> None:
    error = mistake(profile(tmp_path), ONVIO_AGENT_LOG__LEVEL="\x1b[31mred\u202e" + "y" * 500)
    assert str(error).isprintable()
    assert len(str(error)) < 300


@given(st.text(max_size=80), st.sampled_from(sorted(known_keys())))
def test_any_text_for_any_key_is_taken_or_refused_with_its_key(
    tmp_path_factory: pytest.TempPathFactory, text: str, dotted: str
) -> None:
    paths = profile(tmp_path_factory.getbasetemp() / "none")
    found = outcome(paths, [(dotted, text)])
    if isinstance(found, SettingsError):
        assert found.key == dotted
    else:
        assert found.origins[dotted].kind is OriginKind.COMMAND


@given(st.binary(max_size=200))
def test_any_bytes_for_a_file_are_taken_or_refused_with_its_path(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("foreign")
    paths = profile(folder, user=content)
    found = outcome(paths, [])
    assert isinstance(found, Loaded) or found.path == str(paths.settings_path)


@pytest.mark.parametrize(
    "address",
    [
        "http://ana:segredo@proxy:3128",
        "ana:segredo@proxy:3128",
        "http://ana:seg@redo/segredo@proxy:3128",
        "http://ana:segredo@" + "p" * 80,
    ],
)
def test_a_refused_address_is_shown_without_its_password(tmp_path: Path, address: str) -> None:
    for error in (
        mistake(profile(tmp_path), ONVIO_AGENT_PROXY__URL=address),
        mistake(profile(tmp_path, user=f'[proxy]\nurl = "{address}"\n')),
        mistake(profile(tmp_path, user=f'[proxy]\nurl = ["{address}"]\n')),
    ):
        assert "***@p" in str(error)
        assert "segredo" not in str(error)
        (tmp_path / "settings.toml").unlink(missing_ok=True)


@pytest.mark.parametrize("place", ["proxy:0", "proxy:65536", "proxy:99999", "[::1"])
def test_a_proxy_at_no_port_or_host_is_refused(tmp_path: Path, place: str) -> None:
    error = mistake(profile(tmp_path), ONVIO_AGENT_PROXY__URL=f"http://{place}")
    assert error.key == "proxy.url"


@pytest.mark.parametrize("port", [1, 80, 3128, 59999, 65535])
def test_a_proxy_may_listen_at_any_port(tmp_path: Path, port: int) -> None:
    url = f"http://proxy:{port}"
    assert load(profile(tmp_path), {"ONVIO_AGENT_PROXY__URL": url}).settings.proxy.url == url
