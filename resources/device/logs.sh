# The newest lines of the newest run's log. $1: work directory. $2: how many. $3: `name`: only say which run.
newest=$(cd "$1/runs" 2>/dev/null && ls -t | head -n 1)
[ -n "$newest" ] || exit 0
if [ "$3" = name ]; then
  echo "$newest"
else
  cat "$1/runs/$newest/log.1" "$1/runs/$newest/log" 2>/dev/null | tail -n "$2"
fi
