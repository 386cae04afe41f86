"""An office on a cable: its agent on one machine, its ONVIO on another, all in between in reach.

Why: what breaks between an office and ONVIO is broken for real, while the agent is watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.beyond import Beyond
from support.lan import HOST, Lan, plugged
from support.office import Profile
from support.sim import Simulator


class FarSimulator(Simulator):
    """A simulator beyond the cable; its levers are there too."""

    def __init__(self, folder: Path, lan: Lan) -> None:
        self._lan = lan
        options = ("--host", HOST, "--allow-remote")
        super().__init__(folder, None, *options, prefix=lan.beyond.prefix)

    @property
    def ports(self) -> tuple[int, int]:
        """Of the interface and of the token server."""
        return urlsplit(self.api_url).port or 0, urlsplit(self.auth_url).port or 0

    def control(self, method: str, path: str, json: Any = None) -> Any:
        with self._lan.beyond.entered():
            return super().control(method, path, json)


class LanOffice:
    """Everything that a test may break."""

    def __init__(self, lan: Lan, simulator: FarSimulator, profile: Profile, beyond: Beyond) -> None:
        self.lan = lan
        self.simulator = simulator
        self.profile = profile
        self.beyond = beyond
        self.names = beyond.names


@contextmanager
def lan_office(folder: Path, **settings: object) -> Iterator[LanOffice]:
    """The LAN, a simulator beyond it, and a profile in the office on which no agent runs yet."""
    with plugged() as lan:
        beyond = Beyond(lan)
        simulator = FarSimulator(folder / "simulator", lan)
        profile = Profile(folder / "home", simulator, **settings)
        profile.prefix = lan.office.prefix
        try:
            yield LanOffice(lan, simulator, profile, beyond)
        finally:
            profile.kill()
            simulator.kill()
            beyond.close()
