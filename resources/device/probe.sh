# Says what the device is and where the agent could live. Changes nothing: one file is made and removed
# to learn whether programs may run there.
# $1: the work directory asked for, or nothing.

say() { printf '%s=%s\n' "$1" "$2"; }

# A command that answers within seconds or is left alone, as on a file system that is gone.
bounded() {
  if command -v timeout >/dev/null 2>&1; then timeout 5 "$@"; else "$@"; fi
}

# Programs are few here: each start of one is felt on a slow device.
say architecture "$(uname -m)"
system=$(uname -sr)
say system "$system"
say kernel "${system%% *}"
# Byte 5 is the word length, 19 and 20 the processor that the device's own programs are made for.
say elf "$(od -An -tx1 -N20 /bin/sh 2>/dev/null | tr -d ' \n')"
say libc "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
for file in /lib/ld-musl-*; do
  if [ -e "$file" ]; then say musl "$( ("$file" 2>&1 || :) | sed -n 's/^Version //p')"; fi
done
say cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
say flags "$(sed -n -e '/^flags/{s/^[^:]*: *//p;q' -e '}' -e '/^Features/{s/^[^:]*: *//p;q' -e '}' /proc/cpuinfo 2>/dev/null)"
while read -r key value _; do
  case $key in
  MemTotal:) say memory "$value" ;;
  MemAvailable:) say freeMemory "$value"; break ;;
  Buffers:) break ;;
  esac
done 2>/dev/null </proc/meminfo
read -r load _ 2>/dev/null </proc/loadavg && say load "$load"
say shell "$SHELL"
say clock "$(date +%s)"
if [ -r /proc/device-tree/model ]; then say model "$(tr -d '\0' </proc/device-tree/model)"
elif [ -r /sys/devices/virtual/dmi/id/product_name ]; then say model "$(cat /sys/devices/virtual/dmi/id/product_name)"
fi
hottest=
for zone in /sys/class/thermal/thermal_zone*/temp; do
  read -r degrees 2>/dev/null <"$zone" || continue
  case $degrees in '' | *[!0-9]*) continue ;; esac
  if [ "$degrees" -gt "${hottest:-0}" ]; then hottest=$degrees; fi
done
say temperature "$hottest"
if command -v node >/dev/null 2>&1; then
  say node "$(bounded node --version 2>/dev/null)"
  say nodePath "$(command -v node 2>/dev/null)"
fi
if command -v npm >/dev/null 2>&1; then say npm yes; fi
say client "$SSH_CONNECTION"
for tool in tar gzip; do
  command -v "$tool" >/dev/null 2>&1 || say missing "$tool"
done

# Why the agent cannot live in directory $1; nothing when it can. Sets `base` to the part that exists.
objection() {
  base=$1
  while [ ! -e "$base" ]; do
    [ -L "$base" ] && { echo "$base is a link to nothing"; return; }
    base=${base%/*}
    [ -n "$base" ] || base=/
  done
  [ -d "$base" ] || { echo "$base is not a directory"; return; }
  if [ "$base" = "$1" ]; then
    [ -O "$base" ] && [ ! -L "$base" ] || { echo "$base belongs to someone else"; return; }
  fi
  trial=$base/.caduceus-probe.$$
  (printf '#!/bin/sh\nexit 0\n' >"$trial" && chmod 700 "$trial") 2>/dev/null || {
    rm -f "$trial" 2>/dev/null
    if [ -w "$base" ] && [ "$(free_in "$base")" = 0 ]; then echo full; else echo unwritable; fi
    return
  }
  if "$trial" 2>/dev/null; then :; else echo noexec; fi
  rm -f "$trial"
}

free_in() {
  bounded df -Pk "$1" 2>/dev/null | sed -n '$s/^.* \([0-9]\{1,\}\) \{1,\}-\{0,1\}[0-9]*%.*$/\1/p'
}

# Tries directory $1; true when the agent can live there.
try() {
  why=$(objection "$1")
  base=$1
  while [ ! -e "$base" ] && [ "$base" != / ]; do
    base=${base%/*}
    base=${base:-/}
  done
  free=$(free_in "$base")
  if [ -z "$why" ]; then
    say place "$1"
    say free "$free"
    return 0
  fi
  say tried "$why $free $1"
  return 1
}

case $1 in
'')
  if [ -n "$HOME" ] && try "$HOME/.caduceus"; then place=$HOME/.caduceus
  elif [ -n "$XDG_RUNTIME_DIR" ] && try "$XDG_RUNTIME_DIR/caduceus"; then place=$XDG_RUNTIME_DIR/caduceus
  elif try "/tmp/caduceus-$(id -u)"; then place=/tmp/caduceus-$(id -u)
  else place=
  fi
  ;;
*)
  case $1 in
  '~') place=$HOME ;;
  '~/'*) place=$HOME/${1#??} ;;
  *) place=$1 ;;
  esac
  try "$place" || place=
  ;;
esac

# What is installed already: `have` names a file by its digest, for the controller not to send it again.
if [ -n "$place" ] && [ -d "$place/versions" ]; then
  current=$(readlink "$place/current" 2>/dev/null)
  say current "${current##*/}"
  previous=$(readlink "$place/previous" 2>/dev/null)
  say previous "${previous##*/}"
  for manifest in "$place"/versions/*/manifest; do
    [ -f "$manifest" ] || continue
    version=${manifest%/manifest}
    say version "${version##*/}"
    while read -r sum file; do say have "$sum ${version##*/} $file"; done <"$manifest"
    if [ -f "$version/checked" ]; then
      checked=
      IFS= read -r checked <"$version/checked"
      say checked "${version##*/} $checked"
    fi
  done
fi

# How fast the line is: the rest of standard input, whose length the controller knows.
say ready yes
say received "$(wc -c)"
say done yes
