"""The message catalogues are complete, used, compiled, and say what the sources say."""

from __future__ import annotations

import gettext
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "packaging" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_message_is_missing_fuzzy_unused_or_out_of_date(messages: ModuleType) -> None:
    found = list(messages.problems())
    assert not found, "run packaging/messages.py update, translate, compile:\n" + "\n".join(found)


def test_the_files_are_as_update_would_write_them(messages: ModuleType) -> None:
    for domain in messages.SOURCES:
        for language in messages.LANGUAGES:
            written = messages.po_path(domain, language).read_bytes()
            assert written == messages.po_text(messages.updated(domain, language))


def test_compiled_files_are_read_by_gettext(messages: ModuleType) -> None:
    for domain in messages.SOURCES:
        for language in messages.LANGUAGES:
            spoken = gettext.translation(domain, messages.LOCALE_DIR, [language])
            assert spoken.info()["language"] == language


def test_messages_of_the_reasons_and_settings_are_found(messages: ModuleType) -> None:
    template = messages.extract("onvio_agent")
    assert template.get("Waiting for the Gerente.") is not None
    assert template.get("one of: {choices}") is not None
    assert template.get(("{n} day ago", "{n} days ago")) is not None


def test_a_wrong_word_on_the_command_line_is_explained() -> None:
    script = str(ROOT / "packaging" / "messages.py")
    done = subprocess.run([sys.executable, script, "nonsense"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"update" in done.stderr
