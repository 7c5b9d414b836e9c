# Ends supervised agents, and makes sure that they are ours: number, start and boot must be those written down.

# Sends signal $2 to what is left of the run in directory $1; fails when nothing is.
signal_run() {
  left=1
  if runs "$1/supervisor"; then
    left=0
    read -r pid _ <"$1/supervisor"
    # A group of its own has nobody else in it.
    if [ "$(group_of "$pid")" = "$pid" ]; then kill "-$2" -- "-$pid"; else kill "-$2" "$pid"; fi
  fi 2>/dev/null
  if runs "$1/agent"; then
    left=0
    read -r pid _ <"$1/agent"
    kill "-$2" "$pid"
  fi 2>/dev/null
  return $left
}

# Ends the run in directory $1 within seconds.
stop_run() {
  : >"$1/stop"
  if [ -f "$1/unit" ]; then
    systemctl --user stop "$(cat "$1/unit")" >/dev/null 2>&1
    remove_unit "$1"
  fi
  if signal_run "$1" TERM; then
    turns=0
    while runs "$1/supervisor" || runs "$1/agent"; do
      turns=$((turns + 1))
      [ "$turns" -lt 30 ] || break
      pause
    done
    signal_run "$1" KILL
    echo "stopped ${1##*/}"
  fi
  rm -f "$1/ticket" "$1/stdin" "$1/agent" "$1/supervisor" "$1/code"
  case $(cat "$1/status" 2>/dev/null) in
  ended*) ;;
  *) echo 'ended 143 it was told to stop' >"$1/status" ;;
  esac
}
