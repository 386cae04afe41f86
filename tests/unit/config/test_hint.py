"""The language before settings are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_config.hint import LANGUAGES, language_hint
from onvio_config.keys import known_keys
from onvio_config.model import Settings


def home(folder: Path, content: bytes = b"") -> dict[str, str]:
    (folder / "config").mkdir()
    if content:
        (folder / "config" / "settings.toml").write_bytes(content)
    return {"ONVIO_AGENT_HOME": str(folder), "ONVIO_AGENT_MACHINE_SETTINGS": ""}


def test_the_default_is_that_of_the_settings(tmp_path: Path) -> None:
    assert language_hint(home(tmp_path)) == Settings().ui.language
    assert set(LANGUAGES) == set(known_keys()["ui.language"].base.__args__)


def test_the_users_file_is_asked(tmp_path: Path) -> None:
    assert language_hint(home(tmp_path, b"[ui]\nlanguage = 'en'\n")) == "en"


def test_the_environment_is_stronger(tmp_path: Path) -> None:
    environ = home(tmp_path, b"[ui]\nlanguage = 'pt_BR'\n")
    assert language_hint(environ | {"ONVIO_AGENT_UI__LANGUAGE": "en"}) == "en"
    assert language_hint(environ | {"ONVIO_AGENT_UI__LANGUAGE": ""}) == "pt_BR"


@pytest.mark.parametrize(
    "content", [b"[ui", b"ui = 3", b"[ui]\nlanguage = 3", b"\xff\xfe", b"[ui]\nlanguage = 'xx'"]
)
def test_whatever_is_wrong_is_left_to_the_command(tmp_path: Path, content: bytes) -> None:
    assert language_hint(home(tmp_path, content)) == "pt_BR"
