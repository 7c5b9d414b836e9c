# Keeps one agent running: proves its files before every start, starts it again with growing pauses when it
# fails, bounds its log and its memory, and ends when it has done its work or is told to.
# $1: work directory. $2: version. $3: name of the run's directory. $4: niceness. $5: MiB it may use; 0: any.
# The run's directory holds the ticket, which only its owner can read and which goes when the agent has ended.

umask 077
LC_ALL=C
export LC_ALL
place=$1 id=$2 own=$1/runs/$3 niceness=$4 memory=$5
version=$place/versions/$id
MOST_STARTS=8
LONGEST_PAUSE=60
# A run of this many seconds was a good one: the pauses begin anew.
GOOD_RUN=120
LOG_BYTES=524288

cd "$own" || exit 1

note() {
  printf '%s supervisor: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>log
}
# Tells whoever watches how it stands; `ended CODE WHY` is the last word.
tell() {
  printf '%s\n' "$*" >status.new && mv -f status.new status
}
finish() {
  note "ends: $2"
  rm -f ticket stdin agent supervisor code
  remove_unit "$own"
  tell "ended $1 $2"
  exit 0
}
fail() {
  finish 70 "$*"
}

# Copies standard input to the log, two files of bounded size. The agent's word that it has its ticket is not for people.
keep_log() {
  size=$(wc -c <log)
  while IFS= read -r line; do
    if [ "$line" = accepted ]; then
      tell accepted
      continue
    fi
    size=$((size + ${#line} + 1))
    if [ "$size" -gt "$LOG_BYTES" ]; then
      mv -f log log.1
      size=${#line}
    fi
    printf '%s\n' "$line" >>log
  done
}

# Ends process $1 when it holds more than the memory allowed.
watch_memory() {
  limit=$((memory * 1024))
  while sleep 2; do
    used=
    while read -r key value _; do
      if [ "$key" = VmRSS: ]; then used=$value; fi
    done 2>/dev/null <"/proc/$1/status" || return
    [ -n "$used" ] || return
    if [ "$used" -gt "$limit" ]; then
      echo "supervisor: the agent holds $((used / 1024)) MiB, more than its cap of $memory MiB"
      kill -KILL "$1"
      return
    fi
  done
}

run_agent() {
  rm -f stdin code
  mkfifo stdin || fail "no named pipe can be made in $own"
  # Held open for writing here and nowhere else: the agent's input ends when this process does.
  exec 3<>stdin
  cat ticket >&3
  if [ "$memory" -gt 0 ]; then set -- "--max-old-space-size=$((memory * 3 / 5))"; else set --; fi
  {
    exec 3>&-
    nice -n "$niceness" env -i PATH="$PATH" HOME="$HOME" LC_ALL=C TMPDIR="${TMPDIR:-/tmp}" \
      "$node" "$@" "$version/agent.cjs" <stdin &
    agent=$!
    remember "$agent" agent
    # When memory runs out, the agent goes before anything else of the device.
    echo 500 >"/proc/$agent/oom_score_adj"
    if [ "$memory" -gt 0 ]; then watch_memory "$agent" & fi
    wait "$agent"
    echo "$?" >code
    rm -f agent
  } 2>&1 | {
    exec 3>&-
    keep_log
  }
  exec 3>&-
}

stopped() {
  finish 143 'it was told to stop'
}

: >>log
[ -s ticket ] || finish 2 'there is no ticket'
remember $$ supervisor
trap stopped TERM INT HUP
starts=0
while :; do
  check_version "$version" "$id" "$place/versions/tampered"
  if [ -f "$version/node" ]; then node=$version/node; else node=$(cat "$version/runtime"); fi
  began=$(date +%s)
  note "starts version $(echo "$id" | cut -c 1-12)"
  run_agent
  code=$(cat code 2>/dev/null) || code=143
  [ -e stop ] && stopped
  case $code in
  0) finish 0 'the run is over' ;;
  2) finish 2 'the ticket was not valid' ;;
  3) finish 3 'the server refuses this worker' ;;
  4) finish 4 'the server could not be reached for too long' ;;
  5) finish 5 'no engine can train here' ;;
  esac
  if [ $(($(date +%s) - began)) -ge "$GOOD_RUN" ]; then starts=0; fi
  starts=$((starts + 1))
  [ "$starts" -lt "$MOST_STARTS" ] || finish "$code" "it ended $starts times, the last time with exit code $code"
  delay=$((1 << (starts - 1)))
  [ "$delay" -le "$LONGEST_PAUSE" ] || delay=$LONGEST_PAUSE
  note "the agent ended with exit code $code; starts again in $delay s"
  tell "restarting $code"
  # In the background, so that being told to stop is heard at once.
  sleep "$delay" &
  wait "$!"
done
