# SHA-256 with whatever the device has; openssl first, because it uses the processor's own instructions.

choose_digest() {
  if command -v openssl >/dev/null 2>&1 && openssl dgst -sha256 -r /dev/null >/dev/null 2>&1; then DIGEST=openssl
  elif command -v sha256sum >/dev/null 2>&1; then DIGEST=sha256sum
  elif command -v busybox >/dev/null 2>&1 && busybox sha256sum /dev/null >/dev/null 2>&1; then DIGEST=busybox
  elif command -v shasum >/dev/null 2>&1; then DIGEST=shasum
  elif command -v node >/dev/null 2>&1; then DIGEST=node
  else fail no-digest 'none of openssl, sha256sum, busybox, shasum, node'
  fi
}

# Hexadecimal SHA-256 of file $1.
digest() {
  case $DIGEST in
  openssl) sum=$(openssl dgst -sha256 -r "$1" 2>/dev/null) ;;
  sha256sum) sum=$(sha256sum <"$1") ;;
  busybox) sum=$(busybox sha256sum <"$1") ;;
  shasum) sum=$(shasum -a 256 <"$1") ;;
  node) sum=$(node -e 'const h=require("crypto").createHash("sha256");process.stdin.pipe(h).on("finish",()=>console.log(h.digest("hex")))' <"$1") ;;
  esac
  echo "${sum%% *}"
}

# `SUM NAME` for each of these files of the directory it is in; in one start of a program where that can be.
digests() {
  case $DIGEST in
  openssl) openssl dgst -sha256 -r "$@" 2>/dev/null ;;
  sha256sum) sha256sum "$@" 2>/dev/null ;;
  *) for one in "$@"; do echo "$(digest "$one") $one"; done ;;
  esac
}

# Compares every file of version directory $1 with its manifest, and the manifest with identifier $2. One that is
# not as it was sent is never started; it is moved to $3 (when given), where it can be looked at and is in nobody's way.
check_version() {
  [ -n "$DIGEST" ] || choose_digest
  [ -f "$1/manifest" ] || fail missing "$1"
  actual=$(digest "$1/manifest")
  [ "$actual" = "$2" ] || refuse "$1" "$3" manifest "$2" "$actual"
  # Whose names are plain words, now that it is proved.
  files=
  while read -r expected file; do
    [ -f "$1/$file" ] || refuse "$1" "$3" "$file" "$expected" nothing
    files="$files $file"
  done <"$1/manifest"
  of=$1 aside=$3
  set -f
  set -- $(cd "$of" && digests $files)
  set +f
  while read -r expected file; do
    actual=$1
    [ "${2#[*]}" = "$file" ] || actual=unknown
    [ "$actual" = "$expected" ] || refuse "$of" "$aside" "$file" "$expected" "$actual"
    shift 2
  done <"$of/manifest"
}

# What tells version directory $1 from one that anybody wrote to since: numbers, sizes and times of its files, of which
# the time of change is the system's own and nobody's to set. Nothing where `stat` does not say it.
seal_of() {
  echo $(cd "$1" && stat -c '%n:%d:%i:%s:%y:%z' agent.cjs manifest supervise node runtime 2>/dev/null | tr ' ' '_')
}

refuse() {
  if [ -n "$2" ]; then
    rm -rf "$2"
    mv "$1" "$2"
  fi
  shift 2
  fail tampered "$@"
}
