# A systemd user unit around the supervisor, so that it comes back when the device does. Only where that takes
# no right that the user has not: a user manager that stays (lingers) without a question to root.

# Why there can be no unit; nothing when there can.
objection_to_unit() {
  command -v systemctl >/dev/null 2>&1 || { echo 'there is no systemd'; return; }
  systemctl --user show-environment >/dev/null 2>&1 || { echo 'no systemd of this user answers'; return; }
  case $place in *[!A-Za-z0-9/._-]*) echo 'the work directory has unusual characters'; return ;; esac
  user=$(id -un)
  [ "$(loginctl show-user "$user" --property=Linger --value 2>/dev/null)" = yes ] && return
  if loginctl --no-ask-password enable-linger >/dev/null 2>&1; then
    # For the day when everything of ours is removed.
    : >"$place/linger"
    return
  fi
  echo "its systemd ends with the session; to keep it: sudo loginctl enable-linger $user"
}

# Starts the supervisor as a unit. $1: name of the run's directory. $2: niceness. $3: MiB, 0 for any.
start_unit() {
  unit=caduceus-$1.service
  units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
  mkdir -p "$units" || return 1
  {
    printf '[Unit]\nDescription=Caduceus worker agent\n\n[Service]\n'
    printf 'ExecStart=/bin/sh %s/supervise %s %s %s %s %s\n' "$version" "$place" "$id" "$1" "$2" "$3"
    printf 'KillMode=control-group\nTimeoutStopSec=10\nUMask=0077\n'
    [ "$3" = 0 ] || printf 'MemoryMax=%sM\n' "$3"
    printf '\n[Install]\nWantedBy=default.target\n'
  } >"$units/$unit" || return 1
  printf '%s\n' "$unit" >"$own/unit"
  systemctl --user daemon-reload >/dev/null 2>&1
  systemctl --user enable --now "$unit" >/dev/null 2>&1 && return
  systemctl --user disable "$unit" >/dev/null 2>&1
  rm -f "$units/$unit" "$own/unit"
  return 1
}

# Takes the unit of run directory $1 away; it is not stopped by this.
remove_unit() {
  [ -f "$1/unit" ] || return 0
  unit=$(cat "$1/unit")
  systemctl --user disable "$unit" >/dev/null 2>&1
  rm -f "${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/$unit" "$1/unit"
  systemctl --user daemon-reload >/dev/null 2>&1
  return 0
}
