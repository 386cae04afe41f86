#!/bin/sh
# What try_deb.sh runs inside the clean system: install, service, watchdog, session, upgrade, remove, purge.
set -eu
export LANG=C.UTF-8
deb=/root/onvio-agent.deb
previous=/root/previous.deb
icon_log=/home/bia/.local/state/onvio-agent/log/tray.log
holds() { # WHAT COMMAND…: within 20 s
    what=$1; shift
    for _ in $(seq 100); do
        if "$@" >/tmp/said 2>&1; then echo "ok: $what"; return; fi
        sleep 0.2
    done
    echo "NOT: $what"; cat /tmp/said; exit 1
}
as() { # USER COMMAND…
    user=$1; shift; uid=$(id -u "$user")
    runuser -u "$user" -- env HOME="/home/$user" XDG_RUNTIME_DIR="/run/user/$uid" \
        DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" "$@"
}
value() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" /tmp/ready.json | head -1; }
unit() { as ana systemctl --user show onvio-agent.service -p "$1" --value; }
is() { [ "$(unit "$1")" = "$2" ]; }
restarted() { [ "$(unit NRestarts)" -ge 1 ] && is ActiveState active; }
gone() { ! pgrep -u "$1" -x 'onvio-(agent|tray)' >/dev/null; }
linked() { as ana onvio-agent status helena; }
icon_is() { [ "$(pgrep -c -u bia -x onvio-tray)" = 1 ] && grep '"tray.started"' "$icon_log" | tail -1 | grep -q "\"version\":\"$1\""; }
runs() { as bia onvio-agent status --json | grep -q '"pid"'; }

holds "a clean Debian $(cat /etc/debian_version) is up" sh -c 'systemctl is-system-running | grep -qE "^(running|degraded)"'
dpkg -i "$previous" >/dev/null
holds "the version before is installed, every file as packed" dpkg -V onvio-agent
for user in ana bia; do
    id "$user" >/dev/null 2>&1 || useradd -m "$user"
    loginctl enable-linger "$user"
done
holds "user managers run" test -S "/run/user/$(id -u bia)/bus" -a -S "/run/user/$(id -u ana)/bus"

cp -r /usr/lib/onvio-agent /opt/simulator # a copy: what belongs to the package ends with it
cat >/tmp/seed.json <<S
{"office": {"cnpj": "11222333000181", "name": "Office"}, "clients": [{"name": "Padaria", "cnpj": "12ABC34501DE35", "office_key": "k1"}], "client_id": "t", "client_secret": "s",
 "accounts": [{"email": "gerente@escritorio.example", "password": "p1", "name": "Helena", "role": "administrator"}]}
S
(cd /tmp && HOME=/tmp /opt/simulator/onvio-agent simulator --seed /tmp/seed.json --ready-file /tmp/ready.json >/tmp/simulator.log 2>&1 &)
holds "the simulated ONVIO answers" test -s /tmp/ready.json
mkdir -p /etc/onvio-agent
cat >/etc/onvio-agent/settings.toml <<S
[onvio]
api_url = "$(value api_url)"
auth_url = "$(value auth_url)"
client_id = "t"
[tls]
ca_file = "$(value ca_file)"
[probe]
interval_s = 1
[sync]
client_id = "t"
client_secret_file = "/home/ana/secret"
[vault]
kind = "file"
[log]
journal = true
[policy]
locked = ["onvio.*"]
S
install -m 644 "$(value ca_file)" /etc/onvio-agent/ca.pem
sed -i 's|^ca_file.*|ca_file = "/etc/onvio-agent/ca.pem"|' /etc/onvio-agent/settings.toml

echo manager-password | as ana onvio-agent setup --login helena --name Helena --password-stdin >/dev/null
install -m 600 -o ana /dev/null /home/ana/pw
echo manager-password >/home/ana/pw
install -m 600 -o ana /dev/null /home/ana/secret
echo s >/home/ana/secret
as ana onvio-agent autostart on --service >/dev/null
as ana systemctl --user start onvio-agent.service
holds "the unit runs, of type notify" is ActiveState active
journal() { as ana journalctl --user -q -o json -n 1 ONVIO_EVENT=agent.started | grep -q '"ONVIO_VERSION"'; }
holds "systemd's journal has the agent's entries, their keys as fields" journal
acting="--email gerente@escritorio.example --password-stdin --as helena --as-password-file /home/ana/pw"
holds "the agent is online" sh -c "$(command -v runuser) -u ana -- env HOME=/home/ana onvio-agent status --json | grep -q '\"state\": \"online\"'"
echo p1 | as ana onvio-agent link helena $acting >/dev/null
echo p1 | as ana onvio-agent portal helena $acting >/dev/null
holds "status is green" linked

drop=/home/ana/.config/systemd/user/onvio-agent.service.d
mkdir -p "$drop"
printf '[Service]\nWatchdogSec=3\nRestartSec=1\n' >"$drop/quick.conf"
as ana systemctl --user daemon-reload
as ana systemctl --user restart onvio-agent.service
kill -STOP "$(unit MainPID)"
holds "an agent that hangs is ended and started again" restarted
rm -r "$drop"
as ana systemctl --user daemon-reload
holds "green again" linked

Xvfb :9 -screen 0 640x480x24 >/dev/null 2>&1 &
display=$!
holds "a display" test -S /tmp/.X11-unix/X9
(as bia env DISPLAY=:9 tint2 >/dev/null 2>&1 &)
as bia env DISPLAY=:9 dex --autostart >/dev/null 2>&1
holds "a session starts the icon" icon_is "$(dpkg-deb -f "$previous" Version)"
holds "and the icon its agent" runs

acts="--as helena --as-password-file /home/ana/pw"
queue() { as ana onvio-agent sync list --json | grep -q "\"state\": *\"$1\""; }
install -d -o ana /home/ana/xml
echo k1 | as ana onvio-agent sync client add Padaria --cnpj 12ABC34501DE35 --key-stdin --folder /home/ana/xml $acts >/dev/null
as ana onvio-agent pause >/dev/null
cat >/home/ana/nota.xml <<S
<CompNfse xmlns="http://www.abrasf.org.br/nfse.xsd"><Nfse><InfNfse><Numero>1</Numero><TomadorServico><IdentificacaoTomador><CpfCnpj><Cnpj>12ABC34501DE35</Cnpj></CpfCnpj></IdentificacaoTomador></TomadorServico></InfNfse></Nfse></CompNfse>
S
as ana onvio-agent sync add /home/ana/nota.xml --client Padaria >/dev/null
holds "paused, with a document in line" queue queued

before=$(unit MainPID)
dpkg -i "$deb" >/dev/null
holds "upgraded from $(dpkg-deb -f "$previous" Version) to $(dpkg-deb -f "$deb" Version), every file as packed" dpkg -V onvio-agent
holds "the icon of the session has become the new program" icon_is "$(dpkg-deb -f "$deb" Version)"
holds "with an agent that runs" runs
kill "$display"
holds "logout leaves neither" gone bia
holds "after an upgrade another process runs" sh -c "[ \"\$(runuser -u ana -- env XDG_RUNTIME_DIR=/run/user/$(id -u ana) systemctl --user show onvio-agent.service -p MainPID --value)\" != $before ]"
holds "the pause and the document in line are there" queue queued
as ana onvio-agent resume >/dev/null
holds "users and links are there, green" linked
holds "the document is delivered" queue stored

dpkg -r onvio-agent >/dev/null
holds "removed: nothing runs" gone ana
holds "removed: no program is left" test ! -e /usr/lib/onvio-agent/onvio-agent -a ! -e /usr/bin/onvio-agent
dpkg -P onvio-agent >/dev/null
holds "purged: no configuration of the package is left" test ! -e /etc/xdg/autostart/onvio-agent.desktop
holds "purged: the user's data is" test -s /home/ana/.local/share/onvio-agent/agent.db
echo "all held"
