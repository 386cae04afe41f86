#!/bin/sh
# Try the Debian package of dist/ in a clean Debian 12 with a booted systemd of its own: `make try-deb`.
# Prints each thing that holds; the first that does not ends it. Exit code 77, with the reason, where this
# machine cannot.
# PREVIOUS: the package of the version before, from which it upgrades. TRY_ROOT: a Debian made earlier.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
package=$(ls "$project"/dist/onvio-agent_*.deb 2>/dev/null | tail -1)
mirror=${MIRROR:-http://deb.debian.org/debian}
cannot() { echo "skipped: $1"; exit 77; }
[ -n "$package" ] || cannot "make deb first"
[ "$(id -u)" = 0 ] || cannot "needs root"
for program in debootstrap systemd-nspawn nsenter; do
    command -v "$program" >/dev/null || cannot "needs $program (Debian: debootstrap, systemd-container, util-linux)"
done
work=$(mktemp -d)
guest=
end() {
    code=$?
    if [ -n "$guest" ] && kill -0 "$guest" 2>/dev/null; then
        nsenter -t "$leader" -a systemctl poweroff >/dev/null 2>&1 || true
        wait "$guest" || true
    fi
    rm -rf --one-file-system "$work"
    exit "$code"
}
trap end EXIT
root=$work/root
if [ -n "${TRY_ROOT:-}" ]; then
    cp -a "$TRY_ROOT" "$root"
else
    debootstrap --variant=minbase \
        --include=systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,dex,xvfb,tint2 \
        bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -5 "$work/debootstrap.log"; exit 1; }
fi
cp "$package" "$root/root/onvio-agent.deb"
if [ -n "${PREVIOUS:-}" ]; then
    cp "$PREVIOUS" "$root/root/previous.deb"
else # none was released yet: these sources, frozen under a lower number
    source=$work/source
    git clone -q --depth 1 "file://$project" "$source"
    sed -i 's/^__version__ = .*/__version__ = "0.0.1"/' "$source/agent/onvio_agent/__init__.py"
    (cd "$source" && export PYTHONPATH=agent:config:tray PYSTRAY_BACKEND=dummy &&
        "$project/.venv/bin/pyinstaller" --log-level ERROR --distpath dist --workpath build packaging/freeze/onvio.spec &&
        "$project/.venv/bin/python" packaging/linux/build_deb.py >/dev/null)
    mv "$source"/dist/onvio-agent_0.0.1_*.deb "$root/root/previous.deb"
fi
cp "$here/try_inside.sh" "$root/root/"
systemd-nspawn -q --register=no --keep-unit --private-network -D "$root" -b >"$work/boot.log" 2>&1 &
guest=$!
leader=
for _ in $(seq 100); do
    leader=$(cat "/proc/$guest/task/$guest/children" 2>/dev/null | tr ' ' '\n' | head -1)
    [ -n "$leader" ] && [ "$(cat "/proc/$leader/comm" 2>/dev/null)" = systemd ] && break
    sleep 0.1
done
[ -n "$leader" ] || { cat "$work/boot.log"; exit 1; }
nsenter -t "$leader" -a sh /root/try_inside.sh
