"""A wall clock that a test sets for one process, while it runs; the other clocks stay true.

Why: setting the machine's own clock is nobody's right. A small preloaded library adds the seconds in
a file to every reading of the time of day, in C too (TLS compares certificates with it).
It must not touch the monotonic clocks: the agent's promise is that these alone decide.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.office import Profile

_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset_s(void) {
    char text[32] = {0};
    const char *path = getenv("WALL_CLOCK_OFFSET_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
    close(file);
    return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = syscall(SYS_clock_gettime, clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += offset_s();
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    if (!failed && at) { at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000; }
    return failed;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""

needs_gcc = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None,
    reason="setting one process's wall clock needs gcc and LD_PRELOAD",
)


class WallClock:
    """The wall clock of the processes of one profile that are started after this."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        source_path, library_path = folder / "wall_clock.c", folder / "wall_clock.so"
        source_path.write_text(_SOURCE)
        build = ["gcc", "-O1", "-shared", "-fPIC", "-o", str(library_path), str(source_path)]
        subprocess.run(build, check=True, capture_output=True)
        self._offset_path = folder / "offset_s"
        self.set(0)
        profile.environ["LD_PRELOAD"] = str(library_path)
        profile.environ["WALL_CLOCK_OFFSET_FILE"] = str(self._offset_path)

    def set(self, offset_s: int) -> None:
        """From this instant on the wall clock is that far from the true time."""
        part_path = self._offset_path.with_suffix(".part")
        part_path.write_text(str(offset_s))
        part_path.replace(self._offset_path)
