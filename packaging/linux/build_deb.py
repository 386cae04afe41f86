"""The Debian package, made of the frozen programs in dist/onvio-agent: `make deb`.

    dist/onvio-agent_VERSION_ARCH.deb, dist/sbom.cdx.json, dist/SHA256SUMS

Everything beside the programs is made from what the project holds already: the unit and the autostart
entry are those that `autostart` writes, the manual pages and completions come from the command line
itself. The result is the same for the same inputs: times are those of the last commit.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from manual import completions, manual_pages
from sbom import sbom_json

from onvio_agent import __version__
from onvio_agent.autostart.place import Start
from onvio_agent.autostart.systemd import unit_text
from onvio_agent.autostart.xdg import entry_text

ROOT = Path(__file__).parents[2]
DIST_DIR = ROOT / "dist"
FROZEN_DIR = DIST_DIR / "onvio-agent"
DATA_DIR = ROOT / "tray" / "onvio_tray" / "data"
HOME = "usr/lib/onvio-agent"
SCRIPTS = ("prerm", "postinst")

_CONTROL = """\
Package: onvio-agent
Version: {version}
Architecture: {architecture}
Maintainer: onvio-agent maintainers <maintainers@onvio-agent.invalid>
Installed-Size: {kilobytes}
Depends: libc6 (>= 2.36)
Recommends: ca-certificates, gnome-keyring | kwalletmanager
Section: net
Priority: optional
Description: keeps an accounting office connected to ONVIO
 An open Agente de Comunicação between the desktop system Domínio and the
 cloud platform ONVIO: it runs from login, shows by an icon whether each user
 is connected, and delivers fiscal documents. It holds its own Python.
 .
 Not affiliated with Thomson Reuters.
"""
_MENU = """\
[Desktop Entry]
Type=Application
Name=ONVIO
Comment=Show whether this office is connected to ONVIO
Comment[pt_BR]=Mostra se este escritório está conectado ao ONVIO
Exec=/usr/bin/onvio-tray --with-agent
Icon=onvio-agent
Terminal=false
Categories=Office;Finance;
"""


def main() -> int:
    """Build the package; exit code 1 where the programs are not frozen yet."""
    if not FROZEN_DIR.is_dir():
        sys.stderr.write("make freeze first\n")
        return 1
    tree = ROOT / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(FROZEN_DIR, tree / HOME, symlinks=True)
    for path, content in _files():
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    _links(tree)
    _control(tree)
    _permissions(tree)
    print(_pack(tree))
    return 0


def _files() -> Iterator[tuple[str, bytes]]:
    icon = Start(["/usr/bin/onvio-tray", "--with-agent"], {})
    yield "etc/xdg/autostart/onvio-agent.desktop", entry_text(icon).encode()
    service = Start(["/usr/bin/onvio-agent", "run"], {})
    yield "usr/lib/systemd/user/onvio-agent.service", unit_text(service).encode()
    yield "usr/share/applications/onvio-agent.desktop", _MENU.encode()
    for image in sorted(DATA_DIR.glob("app-*.png")):
        size = image.stem.partition("-")[2]
        yield f"usr/share/icons/hicolor/{size}x{size}/apps/onvio-agent.png", image.read_bytes()
    scalable = "usr/share/icons/hicolor/scalable/apps/onvio-agent.svg"
    yield scalable, (DATA_DIR / "app.svg").read_bytes()
    for name, page in manual_pages():
        yield f"usr/share/man/man1/{name}.1.gz", _gzipped(page)
    yield from completions()
    about = "usr/share/doc/onvio-agent/"
    yield about + "copyright", (ROOT / "LICENSE").read_bytes()
    yield about + "changelog.gz", _gzipped((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    for example in ("example-office.toml", "example-policy.toml"):
        yield about + "examples/" + example, (ROOT / "config" / example).read_bytes()
    for example in (
        "prometheus/prometheus.yml",
        "prometheus/onvio-agent.rules.yml",
        "grafana/onvio-agent.json",
        "rsyslog/onvio-agent.conf",
    ):
        yield f"{about}examples/{example}", (ROOT / "packaging" / example).read_bytes()
    yield about + "sbom.cdx.json", sbom_json(ROOT, __version__)


def _links(tree: Path) -> None:
    (tree / "usr/bin").mkdir(parents=True)
    for name in ("onvio-agent", "onvio-tray"):
        (tree / "usr/bin" / name).symlink_to(f"../lib/onvio-agent/{name}")


def _control(tree: Path) -> None:
    control = tree / "DEBIAN"
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    sums = [f"{_md5(path)}  {path.relative_to(tree)}\n" for path in files]
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    control.mkdir()
    (control / "md5sums").write_text("".join(sums))
    (control / "conffiles").write_text("/etc/xdg/autostart/onvio-agent.desktop\n")
    (control / "control").write_text(
        _CONTROL.format(version=__version__, architecture=_architecture(), kilobytes=kilobytes)
    )
    for name in SCRIPTS:
        shutil.copy(ROOT / "packaging" / "linux" / name, control / name)


def _permissions(tree: Path) -> None:
    for path in tree.rglob("*"):
        if path.is_symlink():
            continue
        is_program = path.is_dir() or path.name in ("onvio-agent", "onvio-tray", *SCRIPTS)
        inside_doc = "usr/share" in str(path.relative_to(tree))
        path.chmod(0o755 if path.is_dir() or (is_program and not inside_doc) else 0o644)


def _pack(tree: Path) -> Path:
    package = DIST_DIR / f"onvio-agent_{__version__}_{_architecture()}.deb"
    stamp = _said("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)],
        env={**os.environ, "SOURCE_DATE_EPOCH": stamp},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (DIST_DIR / "sbom.cdx.json").write_bytes(sbom_json(ROOT, __version__))
    made = [package, DIST_DIR / "sbom.cdx.json"]
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (DIST_DIR / "SHA256SUMS").write_text("".join(sums))
    return package


def _architecture() -> str:
    return _said("dpkg", "--print-architecture")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
