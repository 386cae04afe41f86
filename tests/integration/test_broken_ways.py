"""Each way of being cut off from ONVIO, made for real, while the agent is green and at its start.

What is shown names the layer that broke, nothing is green past its time, and green comes back.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from support.beyond import Serve, Squid, mute, passing_on, saying
from support.campaign import Tell
from support.lan import ONVIO, PORTAL, PROXY, needs_namespaces
from support.lan_office import LanOffice, lan_office
from support.mitm import Mitm, installed
from support.office import MANAGER
from support.servers import Authority
from support.wall_clock import WallClock, needs_gcc
from support.witness import Witness

pytestmark = [needs_namespaces, pytest.mark.slow]

VALID_S = 6.0  # longer than it takes to be sure: two probes and what is asked besides
_ON_THE_WAY = (None, "agent.starting", "agent.stale", "link.checking")
_REDIRECT = (
    b"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/\r\nContent-Length: 0\r\n\r\n"
)
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>"
_NTLM = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
    b"Proxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
)
_DAYS_2_S = 2 * 86_400

Act = Callable[[LanOffice], None]


class Way(NamedTuple):
    """A way of breaking it. `begin` leaves no connection standing that it would not let be made."""

    name: str
    reason: str
    begin: Act
    end: Act
    meanwhile: tuple[str, ...] = ()  # what may be shown while the test is making it so

    def __str__(self) -> str:
        return self.name


def names_say(answer: str) -> Act:
    """The name server changes its mind, and old connections end."""

    def act(at: LanOffice) -> None:
        at.names.answer = answer
        at.simulator.restart()

    return act


def names_are_right(at: LanOffice) -> None:
    at.names.answer = ONVIO


def hotel(answer: bytes, *, tls: bool) -> Act:
    """A network that leads everybody to its own page; `tls`: it answers on ONVIO's ports too."""

    def act(at: LanOffice) -> None:
        at.beyond.listen(PORTAL, 80, saying(answer))
        if tls:
            foreign = Authority(at.profile.home_dir / "hotel", "Hotel").server([PORTAL])
            for port in at.simulator.ports:
                at.beyond.listen(PORTAL, port, saying(answer), foreign)
        names_say(PORTAL)(at)

    return act


def checked_out(at: LanOffice) -> None:
    names_are_right(at)
    at.beyond.hang_up()


def intercept(at: LanOffice, days: tuple[float, float] = (-1, 30)) -> Path:
    """Somebody reads along: the certificates are by an authority of its own, whose path this is."""
    authority = Authority(at.profile.home_dir / "interceptor", "Inspetor")
    context = authority.server(["onvio.test"], days)
    for port in at.simulator.ports:
        at.beyond.listen(PORTAL, port, passing_on(port, at.simulator.ca_file), context)
    names_say(PORTAL)(at)
    return authority.ca_path


def fault(kind: str, value: float | None = None) -> Act:
    """A fault of the simulator."""
    return lambda at: at.simulator.fault(kind, value=value)


def no_fault(at: LanOffice) -> None:
    at.simulator.clear()


WAYS = (
    Way("link down", "network.none", lambda at: at.lan.unplug(), lambda at: at.lan.plug()),
    Way(
        "no default route and no name server",
        "network.none",
        lambda at: at.lan.office.ip("addr", "flush", "dev", "cable"),
        lambda at: (at.lan.office.ip("addr", "add", "10.77.0.2/24", "dev", "cable"), at.lan.plug())[
            0
        ],
    ),
    Way("names silent", "network.dns", names_say("silent"), names_are_right),
    Way("names unknown", "network.dns", names_say("nxdomain"), names_are_right),
    Way("names blocked", "network.dns", names_say("127.0.0.1"), names_are_right),
    Way(
        "packets swallowed",
        "network.timeout",
        lambda at: at.lan.swallow(ONVIO),
        lambda at: at.lan.deliver(ONVIO),
    ),
    Way("portal 302", "network.captive_portal", hotel(_REDIRECT, tls=False), checked_out),
    Way("portal 200", "network.captive_portal", hotel(_PAGE, tls=True), checked_out),
    Way("interceptor", "tls.untrusted", lambda at: bool(intercept(at)) and None, checked_out),
    Way("certificate expired", "tls.expired", fault("cert_expired"), no_fault),
    Way("certificate foreign", "tls.untrusted", fault("cert_foreign"), no_fault),
    Way("certificate of another name", "tls.wrong_name", fault("cert_name"), no_fault),
    Way("page over good TLS", "onvio.unexpected_answer", fault("html"), no_fault),
    Way("out of service", "onvio.unavailable", fault("http_500"), no_fault),
)


def broken_and_mended(at: LanOffice, way: Way, tell: Tell, *, at_start: bool) -> None:
    """The way breaks, is named, and is mended."""
    profile, label = at.profile, f"{way} ({'at start' if at_start else 'while green'})"
    witness = Witness(profile)
    if at_start:
        profile.kill()
        way.begin(at)
        profile.start(online=False)
    with witness.watching():
        began_at = time.time()
        if not at_start:
            way.begin(at)
        begun_at = time.time()
        profile.wait_icon(None, "grey", reason=way.reason)
        named_s = time.time() - began_at
        time.sleep(1.0)
        ended_at = time.time()
        way.end(at)
        profile.wait_icon(None, "green", 30)
        back_s = time.time() - ended_at
    during = [sample for sample in witness.samples if sample.told_at < ended_at]
    reasons = dict.fromkeys(sample.snapshot.icon.reason for sample in during)
    first = (
        ("tls.expired",) if way.reason == "clock.skewed" else ()
    )  # until its cause is looked for
    assert [
        each for each in reasons if each not in (*_ON_THE_WAY, *way.meanwhile, *first, way.reason)
    ] == [], label
    late = [sample for sample in during if sample.asked_at > begun_at + VALID_S or at_start]
    assert not [sample for sample in late if sample.icon(MANAGER)[0] == "green"], label
    tell(label, seconds_until_named=named_s, seconds_back_to_green=back_s)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_layer_that_broke_is_named(way: Way, tmp_path: Path, tell: Tell) -> None:
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        at.profile.seat()
        broken_and_mended(at, way, tell, at_start=False)
        broken_and_mended(at, way, tell, at_start=True)
        way.begin(at)
        assert at.profile.cli("doctor", "--json").json()["broken"] == way.reason
        way.end(at)


@needs_gcc
@pytest.mark.parametrize("step_s", [-_DAYS_2_S, _DAYS_2_S], ids=["back", "forward"])
def test_a_wrong_date_is_named_where_certificates_fail_of_it(
    step_s: int, tmp_path: Path, tell: Tell
) -> None:
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        ca_path = intercept(at, (-1, 1))
        both_path = tmp_path / "both.pem"
        both_path.write_text(Path(at.simulator.ca_file).read_text() + ca_path.read_text())
        at.profile.set(TLS__CA_FILE=both_path)
        clock = WallClock(at.profile, tmp_path / "clock")
        at.profile.seat()

        def set_wrong(_at: LanOffice) -> None:
            clock.set(step_s)
            at.beyond.cut()

        way = Way(f"clock {step_s} s", "clock.skewed", set_wrong, lambda _at: clock.set(0))
        broken_and_mended(at, way, tell, at_start=False)
        broken_and_mended(at, way, tell, at_start=True)
        set_wrong(at)
        assert at.profile.cli("doctor", "--json").json()["broken"] == "clock.skewed"


def test_an_interceptor_whom_the_system_trusts_is_trusted(tmp_path: Path) -> None:
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        bundle_path = tmp_path / "system.pem"
        bundle_path.write_text(intercept(at).read_text())
        at.profile.environ["SSL_CERT_FILE"] = str(bundle_path)  # where OpenSSL finds the system's
        at.profile.seat()
        assert at.profile.cli("doctor", "--json").json()["broken"] is None


needs_squid = pytest.mark.skipif(
    shutil.which("squid") is None or shutil.which("openssl") is None,
    reason="a proxy with passwords needs squid and openssl",
)


@needs_squid
@pytest.mark.timeout(400)
def test_a_proxy_that_asks_or_denies_is_named(tmp_path: Path, tell: Tell) -> None:
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        squid = Squid(at.lan)
        password_path = tmp_path / "proxy.password"
        password_path.write_text(f"{Squid.PASSWORD}\n")
        password_path.chmod(0o600)
        at.profile.set(PROXY__URL=Squid.URL, PROXY__USER=Squid.USER)
        at.profile.set(PROXY__PASSWORD_FILE=password_path)
        at.lan.swallow(ONVIO)  # there is no way but the proxy's
        at.names.answer = "nxdomain"  # and no name that the office could look up itself
        try:
            at.profile.seat()
            assert at.profile.cli("doctor", "--json").json()["ok"]
            denied = Way(
                "proxy denies",
                "network.proxy_denied",
                lambda _at: squid.start(denies=True),
                lambda _at: squid.start(),
                ("network.proxy_unreachable",),
            )
            asks = Way(
                "proxy wants another password",
                "network.proxy_password",
                lambda _at: squid.start(password="another"),
                lambda _at: squid.start(),
                ("network.proxy_unreachable",),
            )
            for way in (denied, asks):
                broken_and_mended(at, way, tell, at_start=False)
                broken_and_mended(at, way, tell, at_start=True)
            at.profile.kill()
            settings = at.profile.environ
            who = f"{Squid.USER}:{quote(Squid.PASSWORD, safe='')}@"
            named = {"HTTPS_PROXY": Squid.URL.replace("//", f"//{who}")}
            bare = {name: each for name, each in settings.items() if "_PROXY__" not in name}
            at.profile.environ = bare | named
            assert at.profile.cli("doctor", "--json").json()["broken"] is None
            at.profile.environ = bare | {"HTTPS_PROXY": Squid.URL}
            assert at.profile.cli("doctor", "--json").json()["broken"] == "network.proxy_auth"
            at.profile.environ = settings
            password_path.write_text("another\n")
            diagnosis = at.profile.cli("doctor", "--json")
            assert diagnosis.json()["broken"] == "network.proxy_password"
            written = at.profile.everything_written() + diagnosis.out.encode()
            assert Squid.PASSWORD.encode() not in written
            assert b"Basic " not in written
        finally:
            squid.close()


def unknown(at: LanOffice, squid: Squid) -> None:
    at.names.answer = "nxdomain"
    squid.start()


def stranger(at: LanOffice, squid: Squid, serve: Serve) -> None:
    """Another program in the proxy's place."""
    squid.stop()
    at.beyond.listen(PROXY, 3128, serve)


@needs_squid
@pytest.mark.timeout(400)
def test_a_proxy_that_is_not_there_is_named(tmp_path: Path, tell: Tell) -> None:
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        squid = Squid(at.lan)
        who = f"{Squid.USER}:{quote(Squid.PASSWORD, safe='')}"
        at.profile.environ["HTTPS_PROXY"] = f"http://{who}@proxy.test:3128"
        at.lan.swallow(ONVIO)  # there is no way but the proxy's
        at.names.answer = PROXY

        def lives_again(_at: LanOffice) -> None:
            at.names.answer = PROXY
            at.beyond.hang_up()
            squid.start()

        away = "network.proxy_unreachable"
        ways = (
            Way("proxy gone", away, lambda _at: squid.stop(), lives_again),
            Way("proxy unknown", away, lambda _at: unknown(at, squid), lives_again),
            Way(
                "proxy silent",
                away,
                lambda _at: at.lan.swallow(PROXY),
                lambda _at: at.lan.deliver(PROXY),
            ),
            Way(
                "no proxy there",
                "network.proxy_unexpected",
                lambda _at: stranger(at, squid, saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")),
                lives_again,
                (away,),
            ),
            Way(
                "proxy mute",
                "network.proxy_no_way",
                lambda _at: stranger(at, squid, mute),
                lives_again,
                (away,),
            ),
            Way(
                "proxy of NTLM alone",
                "network.proxy_scheme",
                lambda _at: stranger(at, squid, saying(_NTLM)),
                lives_again,
                (away,),
            ),
        )
        rungs = {"proxy unknown": "dns"}
        try:
            at.profile.seat()
            for way in ways:
                broken_and_mended(at, way, tell, at_start=False)
                broken_and_mended(at, way, tell, at_start=True)
                way.begin(at)
                diagnosis = at.profile.cli("doctor", "--json").json()
                broken = next(rung for rung in diagnosis["rungs"] if rung["ok"] is False)
                assert (broken["name"], broken["reason"]) == (
                    rungs.get(way.name, "proxy"),
                    way.reason,
                )
                told = "proxy.test:" if way.name in rungs else "proxy.test:3128 (HTTPS_PROXY)"
                assert told in broken["detail"] or way.name == "proxy mute"  # out of time
                way.end(at)
                at.profile.wait_icon(None, "green", 30)
            stranger(at, squid, saying(_PAGE))  # taken for a tunnel at first
            assert at.profile.cli("doctor", "--json").json()["broken"] == "network.proxy_unexpected"
            assert Squid.PASSWORD.encode() not in at.profile.everything_written()
        finally:
            squid.close()


@pytest.mark.timeout(400)  # the first time it is installed
def test_an_intercepting_proxy_is_named_until_the_system_trusts_it(
    tmp_path: Path, tell: Tell
) -> None:
    program = installed()
    with lan_office(tmp_path, PROBE__VALID_MIN_S=VALID_S) as at:
        mitm = Mitm(program, at.lan, tmp_path / "mitm", at.simulator.ca_file)
        at.profile.set(PROXY__URL=Mitm.URL)
        at.lan.swallow(ONVIO)  # there is no way but the proxy's
        try:
            ca_path = mitm.start("ours")
            at.profile.set_up(start=False)
            at.profile.start(online=False)
            at.profile.wait_icon(None, "grey", reason="tls.untrusted")
            assert at.profile.cli("doctor", "--json").json()["broken"] == "tls.untrusted"
            at.profile.kill()
            at.profile.environ["SSL_CERT_FILE"] = str(ca_path)  # as the system's authorities
            at.profile.start()
            at.profile.connect_users(MANAGER)
            assert at.profile.cli("doctor", "--json").json()["broken"] is None
            way = Way(
                "mitmproxy of another authority",
                "tls.untrusted",
                lambda _at: bool(mitm.start("another")) and None,
                lambda _at: bool(mitm.start("ours")) and None,
                ("network.proxy_unreachable", "network.proxy_unexpected"),
            )
            broken_and_mended(at, way, tell, at_start=False)
            broken_and_mended(at, way, tell, at_start=True)
        finally:
            mitm.stop()


def test_nothing_of_it_touches_this_machine() -> None:
    assert not [name for name in os.listdir("/run/netns") if f"lan{os.getpid()}-" in name]
