# Makes a version the current one in one step. The one before stays, older ones go unless in use.
# $1: work directory. $2: version. $3: what its check found, kept beside it.

place=$1
trap release_lock EXIT
trap 'exit 75' HUP INT TERM
# A connection that is gone must not end this before it has tidied up.
trap '' PIPE
take_lock "$place" 60 10
[ -d "$place/versions/$2" ] || fail missing "$2"
if [ -n "$3" ]; then
  printf '%s\n' "$3" >"$place/versions/$2/checked.new" && mv -f "$place/versions/$2/checked.new" "$place/versions/$2/checked"
fi
# Points link $2 at $1; by renaming, so that there is no moment without it.
point() {
  rm -f "$2.new"
  ln -s "$1" "$2.new"
  mv -fT "$2.new" "$2" 2>/dev/null || { rm -f "$2.new" && ln -sfn "$1" "$2"; }
}
before=$(readlink "$place/current") || before=
if [ "$before" != "versions/$2" ]; then
  [ -z "$before" ] || point "$before" "$place/previous"
  point "versions/$2" "$place/current"
fi
previous=$(readlink "$place/previous") || previous=
for version in "$place"/versions/*; do
  name=${version##*/}
  case versions/$name in "versions/$2" | "$previous") continue ;; esac
  used=
  for run in "$place"/runs/*/version; do
    if [ -f "$run" ] && [ "$(cat "$run")" = "$name" ] && runs "${run%/version}/supervisor"; then used=yes; fi
  done
  [ -n "$used" ] || rm -rf "$version"
done
echo active
