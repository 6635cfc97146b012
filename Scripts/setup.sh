#!/usr/bin/env bash
# Installs what a bare Debian 12, Debian 13 or Ubuntu 24.04 lacks to build and run Fovea, and with --tests what the tests need
# beside that. Does nothing when all is there. With --list it only prints the packages that the build needs.
set -euo pipefail

# One line each: package, then what it is for.
packages=(
  "libavformat-dev       FFmpeg: containers and streams"
  "libavcodec-dev        FFmpeg: codecs"
  "libavfilter-dev       FFmpeg: rotation and scaling in mid-stream"
  "libswscale-dev        FFmpeg: pixel format conversion"
  "libavutil-dev         FFmpeg: common parts"
  "libpango1.0-dev       text in any script (Pango, Cairo)"
  "libtomlplusplus-dev   configuration files"
  "libmicrohttpd-dev     the viewer's web server"
  "libturbojpeg0-dev     the viewer's pictures"
  "libv4l-dev            cameras with pictures in formats of their own"
  "zlib1g-dev            check sums of NumPy archives"
  "libsystemd-dev        the service: its state, its sockets, the journal"
  "libsqlite3-dev        the service: events"
  "libmosquitto-dev      the service: messages over MQTT"
  "libcurl4-openssl-dev  the service: webhooks"
  "fonts-dejavu-core     a font for the overlays"
  "libsqlite3-dev        the service's events"
  "libsystemd-dev        the service's notifications and journal"
  "libmosquitto-dev      the service's MQTT messages"
  "libcurl4-openssl-dev  the service's webhooks"
  "ffmpeg                used by the tests as an independent reference"
)
# Tests say what they skip without these.
test_packages=(
  "systemd               checks the units"
  "debhelper             makes the Debian package"
  "lintian               checks it"
  "man-db                checks the manual pages"
  "zsh                   runs its completions"
  "fish                  runs its completions"
  "mosquitto             a broker for MQTT"
  "mosquitto-clients     listens to it"
  "prometheus            promtool, which checks the metrics"
  "gir1.2-gst-rtsp-server-1.0  an RTSP server"
  "python3-gi            runs it"
  "gstreamer1.0-plugins-base   its pictures and sound"
  "gstreamer1.0-plugins-good   its packets"
  "gstreamer1.0-plugins-bad    its parsers, AAC"
  "gstreamer1.0-plugins-ugly   its H.264"
)
# These start servers where systemd runs, so that there the user has to install them.
servers=" mosquitto prometheus "

[ "${1:-}" != --list ] || { echo "${packages[@]%% *}"; exit 0; }

fail() { echo "setup: $*" >&2; exit 1; }

command -v swift >/dev/null ||
  fail "there is no Swift compiler in PATH. Install Swift 6.1 or newer from https://www.swift.org/install/linux/ and try again."
version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' | head -1) || true
[ -n "$version" ] || fail "'swift --version' did not say its version. Is the toolchain complete?"
if [ "$(printf '6.1\n%s\n' "$version" | sort -V | head -1)" != 6.1 ]; then
  fail "Swift $version is too old: 6.1 or newer is needed, see https://www.swift.org/install/linux/."
fi

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || {
  pkg-config --exists libavformat libavfilter libswscale pangocairo 2>/dev/null && exit 0
  fail "this system has no apt-get. Install by hand what these Debian packages hold: ${packages[*]%% *}"
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Installs those of the packages that are missing.
install() {
  local missing=() sudo=() line
  for line; do is_installed "${line%% *}" || missing+=("$line"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      fail "packages are missing (${missing[*]%% *}) and there is no sudo: run 'make setup' once as root."
    sudo=(sudo)
  fi
  echo "setup: installing ${#missing[@]} Debian packages:"
  printf '  %s\n' "${missing[@]}"
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y \
    --no-install-recommends "${missing[@]%% *}" >/dev/null
}

install "${packages[@]}"
[ "${1:-}" = --tests ] || exit 0
wanted=()
for line in "${test_packages[@]}"; do
  name=${line%% *}
  if [[ $servers = *" $name "* && -d /run/systemd/system ]] && ! is_installed "$name"; then
    echo "setup: $name is not installed, because it would start a server here; tests that need it are skipped"
  else
    wanted+=("$line")
  fi
done
(install "${wanted[@]}") || echo "setup: not all that the tests need can be installed; what lacks it is skipped" >&2
