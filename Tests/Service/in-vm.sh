#!/bin/bash
# What a user's machine does with the package and the service, inside the machine that test.sh boots: install, watch a camera,
# survive faults, boot again, upgrade, purge. Runs as root; the second time after the reboot.
set -u
here=$PWD page=http://127.0.0.1:8600 stage=/var/stage
config=/etc/fovea/fovea.toml vivid=/sys/bus/platform/drivers/vivid

step() { echo "service: $(cut -d ' ' -f 1 /proc/uptime) s: $*"; }
fail() {
  echo "service: FAILED: $*"
  systemctl status --no-pager --lines=0 'fovea*'
  journalctl --no-pager -o short-monotonic -n 30 -u 'fovea*'
  exit 1
}
# Waits until a command succeeds: eventually SECONDS WHAT COMMAND...
eventually() {
  local limit=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@"; do
    ((SECONDS < end)) || fail "not in $limit s: $what"
    sleep 0.3
  done
}
property() { systemctl show -P "$1" "${2:-fovea.service}"; }
is_active() { systemctl -q is-active "${1:-fovea.service}"; }
answers() { [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$page$1")" = "$2" ]; }
# The value of a metric of the camera: metric NAME
metric() { curl -s -m 5 "$page/metrics" | sed -nE "s/^$1\{[^}]*camera=\"vivid\"[^}]*\} ([0-9]+).*/\1/p" | head -n 1; }
frames() { local number; number=$(metric fovea_frames_total); echo "${number:-0}"; }
has_more_frames_than() { (($(frames) > $1)); }
is_another_process_than() { [ "$(property MainPID)" != "$1" ] && [ "$(property MainPID)" != 0 ] && is_active; }
watches() { eventually 60 "pictures arrive" has_more_frames_than "$(frames)"; }

write_config() {
  cat >"$config" <<'TOML'
[viewer]
port = 8600

[model]
file = "/srv/tiny.onnx"

[engine]
tune = false

[[camera]]
name = "vivid"
source = "/dev/v4l/by-name/vivid-000-vid-cap-video-index0"
size = "320x180"
analysis_rate = 1
record = "off"
timeout = "2s"
TOML
}

install_package() {
  step "the package is installed"
  dpkg --force-unsafe-io -i "$here/fovea.deb" >/var/dpkg.log 2>&1 || { cat /var/dpkg.log; fail "dpkg -i"; }
  ! systemctl -q is-failed fovea.service || fail "the installation leaves a failed service"
  systemctl -q is-enabled fovea.service || fail "the service is not enabled"
  ! systemctl -q is-enabled fovea.socket || fail "the socket is enabled as well"
  id fovea >/dev/null || fail "there is no user fovea"
  [ "$(stat -c %a /etc/fovea/secrets)" = 700 ] || fail "others may look for secrets"
  udevadm settle
  [ -e /dev/v4l/by-name/vivid-000-vid-cap-video-index0 ] || fail "the udev rule gives the camera no name"
}

start_service() {
  step "the service starts and watches the camera"
  # A small network: the processor is emulated. fovea@door takes the one that the package brings.
  cp "$here"/tiny.* /srv/
  write_config
  systemctl restart fovea.service || fail "it does not start"
  is_active || fail "it is not active"
  [ -n "$(property StatusText)" ] || fail "it has no status text"
  answers /healthz 200 || fail "/healthz does not answer"
  eventually 60 "/readyz is 200" answers /readyz 200
  watches
  local pid
  pid=$(property MainPID)
  [ "$(ps -o user= -p "$pid")" = fovea ] || fail "it does not run as fovea"
  grep -q '^Seccomp:.2' "/proc/$pid/status" || fail "system calls are not filtered"
  grep -q '^CapBnd:.0*$' "/proc/$pid/status" || fail "it has capabilities"
  [ -n "$(ls -A /var/lib/fovea/)" ] || fail "it writes nothing into its folder"
  ! nsenter -t "$pid" -m touch /etc/hole 2>/dev/null || fail "it may write to /etc"
}

reload_service() {
  step "a changed file is taken up, a wrong one is not"
  local pid
  pid=$(property MainPID)
  sed -i 's/^analysis_rate = 1/analysis_rate = 2/' "$config"
  systemctl reload fovea.service || fail "reload fails"
  watches
  sed -i 's/^analysis_rate = 2/wrong_key = 2/' "$config"
  systemctl reload fovea.service
  watches
  [ "$(property MainPID)" = "$pid" ] || fail "a reload ends the process"
  journalctl -q -u fovea.service --no-pager -o cat | grep -q wrong_key || fail "the log does not name the wrong key"
  fovea serve --check --config "$config" >/dev/null 2>&1
  [ $? = 78 ] || fail "--check of a wrong file is not 78"
  step "a wrong file does not start, and is not tried again"
  systemctl restart fovea.service 2>/dev/null && fail "it starts with a wrong file"
  sleep 3
  [ "$(property ExecMainStatus)" = 78 ] || fail "the exit status is $(property ExecMainStatus), not 78"
  [ "$(property ActiveState)" = failed ] || fail "it is started again and again"
  write_config
  fovea serve --check --config "$config" >/dev/null 2>&1 || fail "--check of a right file"
  systemctl restart fovea.service || fail "it does not start again"
  watches
}

kill_service() {
  step "kill -9"
  local pid
  pid=$(property MainPID)
  kill -9 "$pid"
  eventually 30 "a new process" is_another_process_than "$pid"
  watches
}

hang_service() {
  step "a hung frame loop: the watchdog starts it again"
  mkdir -p /run/systemd/system/fovea.service.d
  printf '[Service]\nWatchdogSec=6\nEnvironment=FOVEA_DEBUG_HANG=1\n' >/run/systemd/system/fovea.service.d/hang.conf
  systemctl daemon-reload
  systemctl restart fovea.service || fail "it does not start with the debug switch"
  watches
  local pid
  pid=$(property MainPID)
  sleep 7
  [ "$(property MainPID)" = "$pid" ] || fail "the watchdog ends a service that works"
  kill -USR2 "$pid"
  eventually 60 "a new process after a hang" is_another_process_than "$pid"
  journalctl -q -u fovea.service --no-pager -o cat | grep -qi 'watchdog timeout' || fail "it was not the watchdog"
  watches
  rm -r /run/systemd/system/fovea.service.d
  systemctl daemon-reload
}

unplug_camera() {
  step "the camera is unplugged and plugged in"
  local pid
  pid=$(property MainPID)
  echo vivid.0 >$vivid/unbind
  eventually 30 "/readyz is 503 without the camera" answers /readyz 503
  answers /healthz 200 || fail "/healthz depends on the camera"
  echo vivid.0 >$vivid/bind
  udevadm settle
  eventually 60 "/readyz is 200 with the camera" answers /readyz 200
  watches
  [ "$(property MainPID)" = "$pid" ] || fail "the process did not live through it"
}

look_by_socket() {
  step "started by its socket"
  systemctl disable --now -q fovea.service
  systemctl start fovea.socket || fail "the socket does not start"
  ! is_active || fail "the service runs already"
  eventually 60 "the service answers behind its socket" answers /healthz 200
  is_active || fail "the service does not run"
  [ "$(property TriggeredBy)" = fovea.socket ] || fail "it is not the socket's"
  systemctl stop fovea.socket fovea.service
  systemctl enable --now -q fovea.service
}

run_instance() {
  step "a camera by instance name"
  printf '[viewer]\nport = 8601\n\n[storage]\nfolder = "/var/lib/fovea-door"\n\n[[camera]]\nname = "door"\nsource = "synthetic:size=64x48,rate=5"\nanalysis_rate = 0.5\nrecord = "off"\n' >/etc/fovea/door.toml
  systemctl start fovea@door.service || fail "fovea@door does not start"
  [ -d /var/lib/fovea-door/ ] || fail "it has no folder of its own"
  curl -s -m 5 -o /dev/null http://127.0.0.1:8601/healthz || fail "fovea@door does not answer"
}

upgrade_package() {
  step "upgraded in place"
  local pid door
  pid=$(property MainPID) door=$(property MainPID fovea@door.service)
  dpkg --force-unsafe-io -i "$here/fovea.deb" >/var/dpkg.log 2>&1 </dev/null || { cat /var/dpkg.log; fail "the upgrade"; }
  eventually 30 "the service runs the new program" is_another_process_than "$pid"
  [ "$(property MainPID fovea@door.service)" != "$door" ] || fail "fovea@door runs the old program"
  grep -q 'name = "vivid"' "$config" || fail "the configuration is lost"
  watches
}

purge_package() {
  step "removed, then purged"
  dpkg -r fovea >/var/dpkg.log 2>&1 || { cat /var/dpkg.log; fail "dpkg -r"; }
  ! pgrep -x fovea >/dev/null || fail "a process is left"
  [ -e "$config" ] || fail "removal takes the configuration"
  [ -e /var/lib/fovea/ ] || fail "removal takes what was recorded"
  rm /etc/fovea/door.toml
  dpkg -P fovea >/var/dpkg.log 2>&1 || { cat /var/dpkg.log; fail "dpkg -P"; }
  ! grep -i warning /var/dpkg.log || fail "purge warns"
  local left
  left=$(find / -xdev -iname '*fovea*' -not -path "$here/*" -not -path '/proc/*')
  [ -z "$left" ] || fail "purge leaves $left"
  [ -z "$(systemctl --failed --no-legend)" ] || fail "failed units are left: $(systemctl --failed --no-legend)"
}

if [ ! -e $stage ]; then
  install_package
  start_service
  reload_service
  kill_service
  hang_service
  unplug_camera
  step "the machine boots again"
  touch $stage
  systemctl reboot
  sleep 60
  fail "no reboot"
fi
step "booted again"
[ -z "$(systemctl --failed --no-legend)" ] || fail "failed units: $(systemctl --failed --no-legend)"
eventually 60 "the service runs after a reboot" is_active
watches
look_by_socket
run_instance
upgrade_package
purge_package
step "all good"
