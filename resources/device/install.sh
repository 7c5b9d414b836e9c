# Receives a version as one tar stream on standard input, proves every file of it, and only then gives it
# its name. Whatever happens before leaves nothing.
# $1: work directory. $2: identifier of the version. $3: `gzip` when the stream is compressed. Then pairs: an
# installed file (version/name) and the name it has in this version, for what need not be sent again.

place=$1 id=$2 packing=$3
shift 3

mkdir -p "$place/versions" 2>/dev/null || fail unwritable "$place"
chmod 700 "$place"
arriving=$place/arriving.$$
tidy() {
  rm -rf "$arriving"
  release_lock
  # Made for this version alone, when it is the first and did not arrive.
  rmdir "$place/versions" "$place" 2>/dev/null
}
trap tidy EXIT
trap 'exit 75' HUP INT TERM
# A connection that is gone must not end this before it has tidied up.
trap '' PIPE
take_lock "$place" 3600 10
for left in "$place"/arriving.*; do
  rm -rf "$left"
done
mkdir "$arriving" || fail unwritable "$place"

unpack() {
  if [ "$packing" = gzip ]; then gzip -dc | tar -xof - -C "$arriving"; else tar -xof - -C "$arriving"; fi
}
complaint=$(unpack 2>&1) || {
  case $complaint in
  *'No space'* | *quota* | *'Wrote only'* | *'short write'*) fail full "$complaint" ;;
  esac
  fail unpack "$complaint"
}
echo received

while [ $# -gt 1 ]; do
  ln "$place/versions/$1" "$arriving/$2" 2>/dev/null || cp "$place/versions/$1" "$arriving/$2" || fail full "$1"
  shift 2
done
check_version "$arriving" "$id"
while read -r _ file; do
  case $file in node | supervise) chmod 700 "$arriving/$file" ;; *) chmod 600 "$arriving/$file" ;; esac
done <"$arriving/manifest"
# A version of this name that is here already did not pass its check, else nothing would have been sent.
rm -rf "$place/versions/$id"
mv "$arriving" "$place/versions/$id" || fail unwritable "$place"
echo verified
