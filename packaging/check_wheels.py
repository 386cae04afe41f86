"""Every locked version exists as a wheel for Windows, where most offices are. Downloads them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
LOCK = ROOT / "requirements" / "runtime.txt"


def main() -> int:
    """0 when all are there; prints one line a Python version."""
    missing = 0
    for python in PYTHONS:
        with tempfile.TemporaryDirectory() as folder:
            names = _for_windows(folder, python)
            done = subprocess.run(
                (
                    sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    "--require-hashes", "--only-binary=:all:", "--platform", "win_amd64",
                    "--python-version", python, "--dest", folder, "-r", str(names),
                ),
                check=False,
            )  # fmt: skip
            wheels = len(list(Path(folder).glob("*.whl")))
        print(f"windows, Python {python}: {wheels} wheels, exit {done.returncode}")
        missing |= done.returncode
    return missing


def _for_windows(folder: str, python: str) -> Path:
    """The lock as Windows sees it: pip would judge the markers by the machine it runs on."""
    from packaging.requirements import Requirement

    environment = {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    kept = []
    for entry in LOCK.read_text().replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.startswith("#"):
            continue
        spec, *hashes = entry.split("--hash=")
        requirement = Requirement(spec)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            hashed = " ".join(f"--hash={each.strip()}" for each in hashes)
            kept.append(f"{requirement.name}{requirement.specifier} {hashed}")
    path = Path(folder) / "windows.txt"
    path.write_text("\n".join(kept) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
