# Proves an installed version, then says what it runs on, what it reaches, and which engine of its agent works.
# $1: work directory. $2: version. $3: the program that looks for the controller, for Node. $4: the seal of the
# version when its sums were proved, or nothing.
# Standard input, a line of JSON each: the addresses to try; what the agent is asked, or nothing.

version=$1/versions/$2
seal=$(seal_of "$version")
# An agent that joins a run has its sums proved in any case.
if [ -n "$seal" ] && [ "$seal" = "$4" ]; then proof=seal
else
  check_version "$version" "$2" "$1/versions/tampered"
  proof=sums
fi
if [ -f "$version/node" ]; then node=$version/node; else node=$(cat "$version/runtime"); fi
echo "sealed $seal"
echo "verified $proof"
IFS= read -r addresses
IFS= read -r question
printf '%s\n' "$addresses" | nice -n 5 "$node" -e "$3" || exit
[ -n "$question" ] || exit 0
printf '%s\n' "$question" | nice -n 5 "$node" "$version/agent.cjs" self-check
