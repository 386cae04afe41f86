"""Where this profile's secrets lie, they are found before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from onvio_agent.bundle.secrets import known_secrets
from onvio_config.model import Settings
from onvio_config.paths import paths_from_env


def test_files_addresses_and_the_environment_give_their_secrets(tmp_path: Path) -> None:
    paths = paths_from_env({"ONVIO_AGENT_HOME": str(tmp_path)})
    paths.ensure()
    paths.runtime_path.write_text(json.dumps({"token": "of-the-api", "port": 1}))
    paths.session_path.write_text(json.dumps({"session": "of-the-gerente"}))
    paths.key_path.write_text("of-the-vault\n")
    proxy_path = tmp_path / "proxy.password"
    proxy_path.write_text("of-the-proxy\n")
    plain = Settings()
    proxy = replace(plain.proxy, url="http://u:of-the%20url@h:1", password_file=str(proxy_path))
    environ = {
        "https_proxy": "u:of-the-system@h:1", "MY_PASSWORD": "of-the-shell", "HTTP_PROXY": "http://[",
        "PATH": "/bin",
    }  # fmt: skip
    found = set(known_secrets(paths, replace(plain, proxy=proxy), environ))
    assert found == {
        "of-the-api", "of-the-gerente", "of-the-vault", "of-the-proxy", "of-the%20url", "of-the url",
        "of-the-system", "of-the-shell",
    }  # fmt: skip


def test_a_profile_that_has_none_gives_none(tmp_path: Path) -> None:
    paths = paths_from_env({"ONVIO_AGENT_HOME": str(tmp_path / "nothing")})
    assert list(known_secrets(paths, Settings(), {})) == []
