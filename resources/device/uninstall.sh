# Ends our agents and removes everything of ours.
# $1: work directory.

place=$1
[ -d "$place" ] || { echo 'left 0'; exit 0; }
for own in "$place"/runs/*; do
  [ ! -d "$own" ] || stop_run "$own"
done
take_lock "$place" 60 10
if [ -f "$place/linger" ]; then loginctl --no-ask-password disable-linger >/dev/null 2>&1; fi
rm -rf "$place/versions" "$place/runs" "$place"/arriving.* "$place"/native.* "$place/node_modules" "$place/current" "$place/previous" "$place/linger"
rm -f "$place"/current.new "$place"/previous.new "$place"/lock.* "$place/lock"
# A directory that the user has put something into stays, with that.
rmdir "$place" 2>/dev/null || { echo "left $(find "$place" | wc -l | tr -d ' ')"; exit 0; }
echo 'left 0'
