# Starts a supervised agent and answers once it has accepted its ticket, which comes on standard input.
# $1: work directory. $2: version. $3: name of the run's directory. $4: run. $5: whose run it is.
# $6: niceness. $7: MiB, 0 for any. $8: seconds to wait.

place=$1 id=$2 own=$1/runs/$3 run=$4 whose=$5
version=$place/versions/$id
KEPT_RUNS=5

IFS= read -r ticket || fail no-ticket
trap release_lock EXIT
trap 'exit 75' HUP INT TERM
# A connection that is gone must not end this before it has tidied up.
trap '' PIPE
[ -d "$version" ] || fail missing "$version"
take_lock "$place" 60 10
check_version "$version" "$id" "$place/versions/tampered"

# Agents of earlier runs of the same controller, and an earlier one of this very worker, are stale.
for other in "$place"/runs/*; do
  [ -d "$other" ] || continue
  if [ "$other" = "$own" ]; then stop_run "$other"
  elif [ "$(cat "$other/owner" 2>/dev/null)" = "$whose" ] && [ "$(cat "$other/run" 2>/dev/null)" != "$run" ]; then stop_run "$other"
  fi
done >&2
mkdir -p "$place/runs"
kept=0
for old in $(cd "$place/runs" && ls -t); do
  kept=$((kept + 1))
  if [ "$kept" -gt "$KEPT_RUNS" ] && ! runs "$place/runs/$old/supervisor"; then rm -rf "$place/runs/${old:?}"; fi
done

rm -rf "$own"
mkdir "$own" || fail full "$own"
printf '%s\n' "$run" >"$own/run"
printf '%s\n' "$whose" >"$own/owner"
printf '%s\n' "$id" >"$own/version"
(printf '%s\n' "$ticket" >"$own/ticket") 2>/dev/null || fail full "$own"
ticket=

why=$(objection_to_unit)
if [ -z "$why" ] && start_unit "$3" "$6" "$7"; then
  echo 'supervised by systemd'
else
  echo "supervised by its own shell: ${why:-the unit did not start}"
  cd / || exit 1
  # Away from this session, so that its end does not reach the agent.
  if command -v setsid >/dev/null 2>&1; then detach=setsid; else detach=nohup; fi
  "$detach" sh "$version/supervise" "$place" "$id" "$3" "$6" "$7" </dev/null >/dev/null 2>&1 &
fi
release_lock
trap - EXIT

until_then=$(($(date +%s) + $8))
while [ "$(date +%s)" -le "$until_then" ]; do
  status=$(cat "$own/status" 2>/dev/null) || status=
  case $status in
  accepted)
    read -r pid _ <"$own/agent"
    echo "accepted $pid"
    exit 0
    ;;
  ended* | restarting*) break ;;
  esac
  pause
done
stop_run "$own" >/dev/null
tail -n 5 "$own/log" >&2
fail no-accept "${status:-it said nothing for $8 s}"
