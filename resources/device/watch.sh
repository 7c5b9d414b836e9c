# Shows the log of a run's agent from its end on, until the supervisor has ended.
# $1: directory of the run. $2: lines to begin with. $3: a word that no log contains, before each line of ours.

own=$1
[ -d "$own" ] || { echo "$3 ended -1 there is no such run on this device"; exit 0; }
trap '' PIPE
tail -n "$2" -F "$own/log" 2>/dev/null &
tail=$!
trap 'kill "$tail" 2>/dev/null' EXIT
trap 'exit 75' HUP INT TERM
said=
missing=0
while :; do
  status=$(cat "$own/status" 2>/dev/null) || status=
  case $status in
  ended*) break ;;
  esac
  if runs "$own/supervisor"; then missing=0; else missing=$((missing + 1)); fi
  # It may be between two of its files; or the device was started anew, or someone ended it the hard way.
  if [ "$missing" -gt 2 ]; then
    status='ended -1 its supervisor is gone'
    break
  fi
  if [ "$status" != "$said" ]; then
    said=$status
    echo "$3 $status" || exit 0
  else
    # Nobody reads any more when this fails.
    echo "$3 alive" || exit 0
  fi
  sleep 1
done
# Time for the last lines to be shown.
sleep 1
kill "$tail" 2>/dev/null
wait "$tail" 2>/dev/null
echo "$3 $status"
