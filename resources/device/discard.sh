# Takes back what a deployment that did not come to its end has left.
# $1: work directory. $2: version; stays when it is in use or was there before.

place=$1
[ -d "$place" ] || exit 0
trap release_lock EXIT
take_lock "$place" 60 10
for left in "$place"/arriving.*; do
  rm -rf "$left"
done
if [ -n "$2" ]; then
  case versions/$2 in
  "$(readlink "$place/current")" | "$(readlink "$place/previous")") ;;
  *) rm -rf "$place/versions/$2" ;;
  esac
fi
release_lock
# A first deployment made these.
rmdir "$place/versions" "$place/runs" "$place" 2>/dev/null
echo discarded
