# Which process is which: a number alone may have been given to another program since.

BOOT=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || BOOT=unknown
[ -n "$BOOT" ] || BOOT=unknown

# Ticks after boot at which process $1 started; fails when it has ended.
start_of() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # Behind the name, which may hold blanks and parentheses.
  set -f
  set -- ${stat##*) }
  set +f
  case $1 in Z | X | x) return 1 ;; esac
  echo "${20}"
}

# The process group of process $1.
group_of() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  set -f
  set -- ${stat##*) }
  set +f
  echo "$3"
}

# Whether process $1, started at $2 in boot $3, still runs.
is_same() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "$3" = "$BOOT" ] && [ -n "$2" ] && [ "$(start_of "$1")" = "$2" ]
}

# Whether the process that file $1 names (pid, start, boot) still runs.
runs() {
  [ -r "$1" ] || return 1
  read -r pid start boot <"$1" || return 1
  is_same "$pid" "$start" "$boot"
}

# Writes pid $1 with start and boot into file $2, whole or not at all.
remember() {
  printf '%s %s %s\n' "$1" "$(start_of "$1")" "$BOOT" >"$2.new" && mv -f "$2.new" "$2"
}

# A short pause; some devices only know whole seconds.
pause() {
  sleep 0.1 2>/dev/null || sleep 1
}
