"""What runs here is named, and the machine is not."""

from __future__ import annotations

import json
import platform

from onvio_agent import __version__
from onvio_agent.bundle.versions import versions


def test_program_system_and_libraries_are_named_but_not_the_machine() -> None:
    found = versions()
    assert (found["onvio_agent"], found["python"]) == (__version__, platform.python_version())
    assert "httpx" in json.dumps(found["dependencies"])
    assert platform.node() not in found.values()
