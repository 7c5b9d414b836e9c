# One writer at a time in a work directory. The lock is a symbolic link, made in one go, that names its
# owner and when it expires: it never outlives the owner's process, a restart of the device, or its time.

# Takes the lock of work directory $1 for at most $2 seconds; waits for it at most $3.
take_lock() {
  lock=$1/lock
  mine="$$:$(start_of $$):$BOOT:$(($(date +%s) + $2))"
  patience=$(($(date +%s) + $3))
  until ln -s "$mine" "$lock" 2>/dev/null; do
    owner=$(readlink "$lock") || owner=
    if [ -z "$owner" ]; then
      [ -e "$lock" ] && fail busy "$lock is not a lock"
      [ -w "$1" ] || fail unwritable "$1"
      pause
    elif is_stale "$owner"; then
      # Moved aside first: of two who find it stale only one gets it.
      mv -f "$lock" "$lock.$$" 2>/dev/null || continue
      if [ "$(readlink "$lock.$$")" = "$owner" ]; then rm -f "$lock.$$"; else mv -f "$lock.$$" "$lock"; fi
    else
      [ "$(date +%s)" -lt "$patience" ] || fail busy "process ${owner%%:*} has been at work there"
      pause
    fi
  done
}

release_lock() {
  if [ -n "$mine" ] && [ "$(readlink "$lock")" = "$mine" ]; then rm -f "$lock"; fi
}

# Whether owner $1 (pid:start:boot:expiry) is gone or out of time.
is_stale() {
  rest=$1
  owner_pid=${rest%%:*} rest=${rest#*:}
  owner_start=${rest%%:*} rest=${rest#*:}
  owner_boot=${rest%%:*}
  expiry=${rest#*:}
  case $expiry in '' | *[!0-9]*) return 0 ;; esac
  [ "$(date +%s)" -gt "$expiry" ] || ! is_same "$owner_pid" "$owner_start" "$owner_boot"
}
