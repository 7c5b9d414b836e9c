# Names the newest run of this device. $1: work directory.
newest=$(cd "$1/runs" 2>/dev/null && ls -t | head -n 1)
[ -z "$newest" ] || printf 'run=%s\n' "$newest"
echo done=yes
