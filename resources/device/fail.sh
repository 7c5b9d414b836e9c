# What went wrong, as one line of words for the controller, blanks in them as \040; then the end.
fail() {
  printf 'fail'
  for word in "$@"; do
    printf ' %s' "$(printf %s "$word" | tr '\n' ' ' | sed 's/ /\\040/g')"
  done
  printf '\n'
  exit 70
}
