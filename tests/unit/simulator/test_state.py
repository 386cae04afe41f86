"""What outlives the simulator's process, and what does not."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.limits import LimitsPatch
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import Seed
from onvio_agent.simulator.serve_state import StateFolder, digest_seed
from onvio_agent.simulator.tokens import Rotation
from onvio_agent.simulator.world import WorldState
from support.cloud import DirectCloud, error_of, read
from support.sim import ANA


def reborn(old: DirectCloud) -> DirectCloud:
    """The same cloud after its state went through JSON."""
    data = msgspec.json.encode(old.cloud.world.state())
    new = DirectCloud()
    new.now = old.now
    state = msgspec.json.decode(data, type=WorldState)
    new.cloud = Cloud(state.seed, rng=random.Random(2), now=lambda: new.now, state=state)
    return new


def test_accounts_tokens_limits_rotation_and_clock_survive_a_restart() -> None:
    cloud = DirectCloud()
    tokens = read(cloud.sign_in(ANA))
    cloud.cloud.patch_account(ANA, AccountPatch(name="Ana Nova", password="nova"))
    cloud.cloud.set_limits(LimitsPatch(expires_in_s=77))
    cloud.cloud.set_rotation(Rotation(leeway_s=5))
    cloud.cloud.advance(1000)
    again = reborn(cloud)
    assert read(again.userinfo(tokens["access_token"]))["name"] == "Ana Nova"
    assert read(again.refresh(tokens["refresh_token"]))["expires_in"] == 77
    assert again.refresh(tokens["refresh_token"]).status == 200
    assert error_of(again.sign_in(ANA)) == (403, "invalid_grant")
    assert again.cloud.world.now() == cloud.now + 1000


def test_reuse_is_still_seen_after_a_restart() -> None:
    cloud = DirectCloud()
    first = read(cloud.sign_in(ANA))["refresh_token"]
    second = read(cloud.refresh(first))["refresh_token"]
    again = reborn(cloud)
    assert again.refresh(first).status == 403
    assert again.refresh(second).status == 403


def test_faults_do_not_survive_a_restart() -> None:
    cloud = DirectCloud()
    cloud.cloud.set_fault(Fault("http_500"))
    assert reborn(cloud).ask("api", "GET", "/health").status == 200


def test_the_folder_gives_back_only_the_state_of_the_same_seed(tmp_path: Path) -> None:
    cloud = DirectCloud()
    cloud.sign_in(ANA)
    digest = digest_seed(cloud.seed)
    StateFolder(tmp_path, digest).save(cloud.cloud)
    loaded = StateFolder(tmp_path, digest).load()
    assert loaded is not None
    assert len(loaded.tokens.families) == 1
    assert StateFolder(tmp_path, digest_seed(Seed())).load() is None


def test_a_damaged_state_file_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "cloud.json").write_text('{"seed_digest": 3')
    assert StateFolder(tmp_path, "x").load() is None


def test_the_state_file_is_private_and_written_only_when_something_changed(tmp_path: Path) -> None:
    cloud = DirectCloud()
    folder, path = StateFolder(tmp_path, "x"), tmp_path / "cloud.json"
    cloud.ask("api", "GET", "/health")
    folder.save(cloud.cloud)
    assert not path.exists()
    cloud.sign_in(ANA)
    folder.save(cloud.cloud)
    assert path.stat().st_mode & 0o777 == 0o600
