"""What is needed at run time lies inside the packages: an installed wheel works."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from arch.sources import project_files, relative
from support.wheels import build_wheel

PACKAGES = ("agent/onvio_agent/", "tray/onvio_tray/", "config/onvio_config/")
SOURCES_ONLY = (".po", ".pot")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The files in a wheel of this tree."""
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    return zipfile.ZipFile(wheel).namelist()


def wanted() -> list[str]:
    """Every file of the packages that matters when the program runs."""
    return [
        relative(path).partition("/")[2]
        for path in project_files()
        if relative(path).startswith(PACKAGES) and path.suffix not in SOURCES_ONLY
    ]


def test_every_file_of_the_packages_is_in_the_wheel(names: list[str]) -> None:
    missing = [name for name in wanted() if name not in names]
    assert not missing


def test_the_wheel_holds_the_packages_and_nothing_else(names: list[str]) -> None:
    tops = sorted({Path(name).parts[0] for name in names})
    assert [top for top in tops if not top.endswith(".dist-info")] == [
        "onvio_agent",
        "onvio_config",
        "onvio_tray",
    ]
    assert not [name for name in names if name.endswith((*SOURCES_ONLY, ".pyc"))]


@pytest.mark.parametrize(
    "needed",
    [
        "onvio_agent/store/migrations/0001_first.sql",
        "onvio_agent/locale/pt_BR/LC_MESSAGES/onvio_agent.mo",
        "onvio_agent/locale/en/LC_MESSAGES/onvio_agent.mo",
        "onvio_agent/py.typed",
        "onvio_config/py.typed",
        "onvio_tray/py.typed",
    ],
)
def test_what_is_loaded_as_data_is_there(names: list[str], needed: str) -> None:
    assert needed in names
