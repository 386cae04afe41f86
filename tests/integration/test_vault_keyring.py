"""The vault on a real Secret Service: gnome-keyring on a message bus of its own, with its own files.

Skipped where gnome-keyring-daemon or dbus-run-session is not installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

TESTS_DIR = Path(__file__).parents[1]
NEEDED = ("gnome-keyring-daemon", "dbus-run-session")
ABSENT = [name for name in NEEDED if shutil.which(name) is None]

pytestmark = pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)}")

PRELUDE = """
import asyncio, json, sys
from pathlib import Path
from onvio_agent.errors import VaultFailed
from support.vault_parts import ROW, opened_vault, refusal

FOLDER = Path(sys.argv[1])
SEALED = FOLDER / "sealed"

def say(value):
    print("SAID " + json.dumps(value))

def vault(**more):
    return opened_vault(FOLDER, **more)

async def seal(**more):
    async with vault(**more) as (v, store):
        try:
            SEALED.write_bytes(await v.seal(b"refresh-token", row=ROW))
        except VaultFailed as failed:
            return failed.code
        return (await store.vault_key()).kind

async def unseal(**more):
    async with vault(**more) as (v, store):
        return await refusal(v, SEALED.read_bytes())
"""

# The daemon goes into the background before it has its name on the bus.
UNTIL_IT_SERVES = """
import time
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
bus = open_dbus_connection()
door = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
ask = new_method_call(door, "NameHasOwner", "s", ("org.freedesktop.secrets",))
while not bus.send_and_get_reply(ask).body[0]:
    time.sleep(0.01)
bus.close()
"""
UNLOCK = f"""
printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
{sys.executable} -c '{UNTIL_IT_SERVES}'
"""
LOCK = """
import secretstorage
bus = secretstorage.dbus_init()
secretstorage.get_default_collection(bus).lock()
bus.close()
"""

# What the desktop does when the person signs in, through the daemon's own door for it.
SIGN_IN = """
import secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
bus = secretstorage.dbus_init()
door = DBusAddressWrapper(
    "/org/freedesktop/secrets",
    "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
    bus,
)
path = secretstorage.get_default_collection(bus).collection_path
secret = format_secret(open_session(bus), b"pw", "text/plain")
door.call("UnlockWithMasterPassword", "o(oayays)", path, secret)
bus.close()
"""
BARE_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def in_session(
    folder: Path, script: str, *, setup: str = UNLOCK, bare: bool = False, **env: str
) -> list[object]:
    """What a script says that runs on a bus of its own, after `setup`; a `bare` bus starts no
    keyring by itself."""
    code = PRELUDE + textwrap.dedent(script)
    config_path = folder / "bus.conf"
    config_path.write_text(BARE_BUS)
    bus = ["dbus-run-session", *([f"--config-file={config_path}"] if bare else []), "--"]
    command = ["sh", "-c", f'{setup}\n"$0" -c "$1" "$2"', sys.executable, code]
    return _said([*bus, *command], folder, env)


def without_session(folder: Path, script: str, **env: str) -> list[object]:
    """The same on a machine without a message bus."""
    return _said([sys.executable, "-c", PRELUDE + textwrap.dedent(script)], folder, env)


def _said(command: list[str], folder: Path, env: dict[str, str]) -> list[object]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    base = {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(TESTS_DIR),
    }
    with tempfile.TemporaryDirectory() as runtime_dir:  # short: sockets' names lie in it
        done = subprocess.run(
            [*command, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**base, "XDG_RUNTIME_DIR": runtime_dir, **env},
        )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return [json.loads(line.removeprefix("SAID ")) for line in lines if line.startswith("SAID ")]


def test_the_keyring_is_chosen_where_it_stores_and_works_after_the_next_login(
    tmp_path: Path,
) -> None:
    script = "say(asyncio.run(seal(kind='auto')))\nsay(asyncio.run(unseal(kind='auto')))"
    assert in_session(tmp_path, script) == ["keyring", "open"]
    assert in_session(tmp_path, "say(asyncio.run(unseal(kind='auto')))") == ["open"]
    assert not (tmp_path / "vault.key").exists()


def test_a_locked_keyring_is_waited_for_and_works_once_unlocked(tmp_path: Path) -> None:
    assert in_session(tmp_path, "say(asyncio.run(seal(kind='auto')))") == ["keyring"]
    script = f"""
    async def main():
        async with vault(kind="auto") as (v, store):
            sealed = SEALED.read_bytes()
            exec({LOCK!r})
            say(await refusal(v, sealed))
            say((await v.status()).state)
            exec({SIGN_IN!r})
            say(await refusal(v, sealed))
    asyncio.run(main())
    """
    assert in_session(tmp_path, script) == ["vault.locked", "locked", "open"]
    assert not (tmp_path / "vault.key").exists()


def test_the_key_in_use_is_put_back_into_its_keyring_and_another_one_is_left_alone(
    tmp_path: Path,
) -> None:
    script = f"""
    import base64
    from onvio_agent.store.key_ring import _open_backend
    async def main():
        async with vault(kind="auto") as (v, store):
            await v.seal(b"x", row=ROW)
            entry, backend = ("onvio-agent", v._places["keyring"]._account), _open_backend()
            backend.delete_password(*entry)
            say((await v.status()).state)
            other = base64.b64encode(bytes(32)).decode()
            backend.set_password(*entry, other)
            say((await v.status()).state)
            say(backend.get_password(*entry) == other)
            backend.set_password(*entry, "no key")
            say((await v.status()).state)
            exec({LOCK!r})
            say((await v.status()).state)
            exec({SIGN_IN!r})
            v.forget()
            say((await v.status()).state)
    asyncio.run(main())
    """
    assert in_session(tmp_path, script) == [
        "restored", "replaced", True, "restored", "unseen", "open",
    ]  # fmt: skip


def test_a_keyring_that_is_gone_later_is_waited_for_and_no_file_takes_its_place(
    tmp_path: Path,
) -> None:
    assert in_session(tmp_path, "say(asyncio.run(seal(kind='auto')))") == ["keyring"]
    script = "say(asyncio.run(unseal(kind='auto')))\nsay(asyncio.run(seal(kind='auto')))"
    assert without_session(tmp_path, script) == ["vault.locked", "vault.locked"]
    assert in_session(tmp_path, script, setup=":") == ["vault.locked", "vault.locked"]
    assert not (tmp_path / "vault.key").exists()
    assert in_session(tmp_path, "say(asyncio.run(unseal(kind='auto')))") == ["open"]


def test_a_keyring_that_comes_after_the_agent_is_found_at_the_next_use(tmp_path: Path) -> None:
    assert in_session(tmp_path, "say(asyncio.run(seal(kind='auto')))") == ["keyring"]
    script = f"""
    async def main():
        async with vault(kind="auto") as (v, store):
            sealed = SEALED.read_bytes()
            say(await refusal(v, sealed))
            import subprocess
            subprocess.run({UNLOCK!r}, shell=True)
            say(await refusal(v, sealed))
    asyncio.run(main())
    """
    assert in_session(tmp_path, script, setup=":", bare=True) == ["vault.locked", "open"]


def test_a_replaced_key_is_lost_and_a_sign_in_starts_over_with_it(tmp_path: Path) -> None:
    assert in_session(tmp_path, "say(asyncio.run(seal(kind='auto')))") == ["keyring"]
    script = """
    import base64, keyring
    async def main():
        async with vault(kind="auto") as (v, store):
            ring = v._places["keyring"]
            keyring.set_password(ring._service, ring._account, base64.b64encode(b"o" * 32).decode())
            sealed = SEALED.read_bytes()
            say(await refusal(v, sealed))
            new = await v.seal(b"y", row=ROW, may_renew=True)
            say(await refusal(v, new))
            say(await refusal(v, sealed))
            keyring.delete_password(ring._service, ring._account)
            v.forget()
            say(await refusal(v, new))
    asyncio.run(main())
    """
    assert in_session(tmp_path, script) == ["vault.lost", "open", "vault.lost", "vault.locked"]


@pytest.mark.parametrize("setup", [":", UNLOCK + '"$0" -c \'' + LOCK + "'"])
def test_where_the_keyring_does_not_store_auto_takes_the_file_and_keyring_refuses(
    tmp_path: Path, setup: str
) -> None:
    script = "say(asyncio.run(seal(kind='keyring')))\nsay(asyncio.run(seal(kind='auto')))"
    answers = in_session(tmp_path, script, setup=setup, DISPLAY=":97")  # no prompt, no waiting
    assert answers == ["vault.locked", "file"]
    assert (tmp_path / "vault.key").exists()


def test_without_a_message_bus_auto_takes_the_file(tmp_path: Path) -> None:
    script = "say(asyncio.run(seal(kind='keyring')))\nsay(asyncio.run(seal(kind='auto')))"
    assert without_session(tmp_path, script) == ["vault.locked", "file"]


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "support.plain_keyring.PlaintextKeyring",
        "no.such.Keyring",
    ],
)
def test_a_backend_that_stores_nothing_or_plain_text_is_refused(
    tmp_path: Path, backend: str
) -> None:
    script = "say(asyncio.run(seal(kind='auto')))"
    assert in_session(tmp_path, script, PYTHON_KEYRING_BACKEND=backend) == ["file"]
    assert not (tmp_path / "plain").exists()


def test_two_profiles_of_one_person_have_two_keys(tmp_path: Path) -> None:
    script = """
    async def main():
        ids = []
        for name in ("one", "two"):
            (FOLDER / name).mkdir()
            async with opened_vault(FOLDER / name, kind="auto") as (v, store):
                await v.seal(b"x", row=ROW)
                ids.append((await v.status()).key_id)
        say(ids[0] != ids[1])
    asyncio.run(main())
    """
    assert in_session(tmp_path, script) == [True]


def test_the_key_itself_is_never_written_in_the_clear_beside_the_store(tmp_path: Path) -> None:
    script = """
    async def main():
        async with vault(kind="auto") as (v, store):
            SEALED.write_bytes(await v.seal(b"canary-token", row=ROW))
            say(v._places["keyring"].read().hex())
    asyncio.run(main())
    """
    (key,) = in_session(tmp_path, script)
    assert isinstance(key, str)
    for file in tmp_path.glob("*"):
        if file.is_file():
            assert bytes.fromhex(key) not in file.read_bytes()
            assert b"canary-token" not in file.read_bytes()


def test_a_new_key_takes_the_old_ones_place_in_the_keyring_and_works_after_the_next_login(
    tmp_path: Path,
) -> None:
    script = """
    import keyring
    async def main():
        async with vault(kind="auto") as (v, store):
            SEALED.write_bytes(await v.seal(b"before", row=ROW))
            old, ring = (await v.status()).key_id, v._places["keyring"]
            new = await v.rotate()
            say([new.kind, new.state, new.key_id != old])
            say(keyring.get_password(ring._service, ring._account + "-next"))
            (FOLDER / "after").write_bytes(await v.seal(b"after", row=ROW))
    asyncio.run(main())
    """
    assert in_session(tmp_path, script) == [["keyring", "open", True], None]
    assert in_session(tmp_path, "say(asyncio.run(unseal(kind='auto')))") == ["vault.lost"]
    (tmp_path / "after").replace(tmp_path / "sealed")
    assert in_session(tmp_path, "say(asyncio.run(unseal(kind='auto')))") == ["open"]


def test_a_locked_or_absent_keyring_keeps_its_key(tmp_path: Path) -> None:
    assert in_session(tmp_path, "say(asyncio.run(seal(kind='auto')))") == ["keyring"]
    script = """
    async def main():
        async with vault(kind="auto") as (v, store):
            before = await store.vault_key()
            try:
                await v.rotate()
            except VaultFailed as failed:
                say(failed.code)
            say(await store.vault_key() == before)
    asyncio.run(main())
    """
    locked = UNLOCK + '"$0" -c \'' + LOCK + "'"
    assert in_session(tmp_path, script, setup=locked) == ["vault.locked", True]
    assert without_session(tmp_path, script) == ["vault.locked", True]
    assert in_session(tmp_path, "say(asyncio.run(unseal(kind='auto')))") == ["open"]
