# Ends agents on this device and says which.
# $1: work directory. $2: name of a run's directory; nothing: all that are ours.

if [ -n "$2" ]; then
  [ ! -d "$1/runs/$2" ] || stop_run "$1/runs/$2"
else
  for own in "$1"/runs/*; do
    [ ! -d "$own" ] || stop_run "$own"
  done
fi
echo done
