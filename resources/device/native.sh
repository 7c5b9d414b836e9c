# Has the device's own npm install a native engine beside the versions, where agents find it. Nothing depends on it: when
# it fails, all that it brought is gone, and what was there before stays.
# $1: work directory. $2: package and version, as npm writes it.

place=$1 package=$2
arriving=$place/native.$$
tidy() {
  rm -rf "$arriving"
  release_lock
}
trap tidy EXIT
trap 'exit 75' HUP INT TERM
# A connection that is gone must not end this before it has tidied up.
trap '' PIPE
command -v npm >/dev/null 2>&1 || fail no-npm
mkdir -p "$place" 2>/dev/null || fail unwritable "$place"
take_lock "$place" 1800 10
for left in "$place"/native.*; do
  rm -rf "$left"
done
mkdir "$arriving" || fail unwritable "$place"
# Its cache and its logs go with the rest; a question that npm might have gets no answer.
npm_config_cache=$arriving/cache npm_config_update_notifier=false \
  nice -n 5 npm install --prefix "$arriving" --no-save --no-audit --no-fund --no-progress --omit=dev \
  --allow-scripts="${package%@*}" "$package" </dev/null >"$arriving/said" 2>&1 || {
  said=$(grep -v -e 'A complete log' -e 'debug-0.log' "$arriving/said" | grep -i -e 'err' -e 'no space' -e 'not found' | head -n 6)
  fail native "${said:-$(tail -n 3 "$arriving/said")}"
}
[ -d "$arriving/node_modules" ] || fail native 'npm installed nothing'
rm -rf "$place/node_modules"
mv "$arriving/node_modules" "$place/node_modules" || fail unwritable "$place"
echo installed
