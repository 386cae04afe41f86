"""Login after login: network, keyring and panel come late and in any order, the icon becomes green, logout
leaves nothing.

Each login is a display, a panel, a session bus and a program that starts autostart entries. `LOGINS` in the
environment makes it longer, `LOGINS_SEED` makes it another one.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from onvio_agent.client import running_pid
from support.buses import eventually
from support.campaign import Tell
from support.logins import cpu_s_of, logged_in, nothing_is_left
from support.office import MANAGER, Profile
from support.sim import Simulator

LOGINS = int(os.environ.get("LOGINS", "20"))
SEED = int(os.environ.get("LOGINS_SEED", "20261124"))
LATEST_S = 0.8
"""Some come before the agent has started, some after its first checks have failed."""

LATE = {"network": 0.75, "keyring": 0.75, "panel": 0.2}
"""How often each is late. A panel that is costs 5 s, between two looks for one."""


@pytest.mark.slow
@pytest.mark.timeout(60 + 15 * LOGINS)
def test_every_login_becomes_green_and_every_logout_leaves_nothing(
    tmp_path: Path, simulator: Simulator, tell: Tell
) -> None:
    rng = random.Random(SEED)
    profile = Profile(tmp_path / "home", simulator, VAULT__KIND="keyring")
    profile.environ["XDG_CONFIG_DIRS"] = str(tmp_path / "nobody")
    with logged_in(profile, desktop=False) as login:
        login.unlock_keyring()
        profile.seat("ana")
        profile.stop()
    profile.must("autostart", "on")
    logins = [_one_login(profile, simulator, rng) for _ in range(LOGINS)]
    late = sum(each for each, _cpu_s in logins)
    assert late, "nothing came late: the logins prove nothing"
    tell("logins", logins=LOGINS, late=late, cpu_s_of_one=max(cpu_s for _late, cpu_s in logins))


def _one_login(profile: Profile, simulator: Simulator, rng: random.Random) -> tuple[int, float]:
    """How many of network, keyring and panel came after the login; its processor seconds."""
    simulator.fault("refuse", "all")
    with logged_in(profile) as login:
        assert login.at is not None
        coming = {
            "network": simulator.clear,
            "keyring": login.unlock_keyring,
            "panel": login.panel,
        }
        late = {name: rng.uniform(0, LATEST_S) for name in coming if rng.random() < LATE[name]}
        for name in coming:
            if name not in late:
                coming[name]()
        login.autostart()
        passed_s = 0.0
        for name in sorted(late, key=lambda each: late[each]):
            time.sleep(late[name] - passed_s)
            passed_s = late[name]
            coming[name]()
        eventually(lambda: running_pid(profile.paths), "the agent runs", 20)
        eventually(profile.paths.runtime_path.exists, "it answers")
        for user in (MANAGER, "ana", None):
            profile.wait_icon(user, "green", 30)
        box = login.at.icon_box()
        eventually(lambda: login.at and login.at.icon_in(box) == "green", "green is seen")
        cpu_s = cpu_s_of(profile)
        login.log_out(rng.choice(["display", "signal"]))
        nothing_is_left(profile)
    return len(late), cpu_s
