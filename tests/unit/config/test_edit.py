"""One value of a person's file is changed, and nothing else of it."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_config.edit import _edited, _literal, set_value
from onvio_config.load import load
from onvio_config.paths import Paths
from onvio_config.text import SettingsError

KEPT = """\
# Written by hand.
[onvio]   # where
client_id = 'abc'

[workstation]
# who sits here
user = "ana"   # since May

[ui]
language = "en"
"""


def after(tmp_path: Path, text: str, value: str) -> str:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode())
    set_value(path, "workstation", "user", value)
    return path.read_bytes().decode()


def test_a_value_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    assert after(tmp_path, KEPT, "bruno") == KEPT.replace('"ana"', '"bruno"')


def test_a_key_is_added_to_its_section(tmp_path: Path) -> None:
    text = "[workstation]\n# nobody yet\n[ui]\nlanguage = 'en'\n"
    expected = "[workstation]\nuser = \"bruno\"\n# nobody yet\n[ui]\nlanguage = 'en'\n"
    assert after(tmp_path, text, "bruno") == expected


@pytest.mark.parametrize("text", ["", "[ui]\nlanguage = 'en'\n", "[ui]\nlanguage = 'en'"])
def test_a_section_is_added(tmp_path: Path, text: str) -> None:
    changed = after(tmp_path, text, "bruno")
    assert changed.startswith(text)
    assert tomllib.loads(changed) == tomllib.loads(text) | {"workstation": {"user": "bruno"}}


@pytest.mark.parametrize("text", ["[workstation]", "[workstation]\r\nuser = 'x'\r\n"])
def test_ends_of_lines_do_not_matter(tmp_path: Path, text: str) -> None:
    assert tomllib.loads(after(tmp_path, text, "b"))["workstation"] == {"user": "b"}


def test_a_missing_file_is_made_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "settings.toml"
    set_value(path, "workstation", "user", "ana")
    assert load(
        Paths(path.parent, tmp_path, tmp_path, tmp_path, None), {}
    ).settings.workstation.user
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "workstation.user = 'ana'\n",
        "workstation = {user = 'ana'}\n",
        "[workstation]\nuser = '''ana'''\n",
        '[ui]\nlanguage = "en\n',
        "x = '''\n[workstation]\nuser = 'in a text'\n'''\n",
    ],
)
def test_what_cannot_be_changed_with_certainty_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        set_value(path, "workstation", "user", "bruno")
    assert path.read_text() == text


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError):
        set_value(tmp_path / "file" / "settings.toml", "workstation", "user", "ana")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(value: str) -> None:
    text = _edited(KEPT, "workstation", "user", _literal(value))
    assert tomllib.loads(text)["workstation"]["user"] == value
