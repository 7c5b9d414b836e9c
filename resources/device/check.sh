# Proves an installed version, then says what it runs on, what it reaches, and which engine of its agent works.
# $1: work directory. $2: version. $3: the program that looks for the controller, for Node.
# Standard input, a line of JSON each: the addresses to try; what the agent is asked, or nothing.

version=$1/versions/$2
check_version "$version" "$2" "$1/versions/tampered"
if [ -f "$version/node" ]; then node=$version/node; else node=$(cat "$version/runtime"); fi
echo verified
IFS= read -r addresses
IFS= read -r question
printf '%s\n' "$addresses" | nice -n 5 "$node" -e "$3" || exit
[ -n "$question" ] || exit 0
printf '%s\n' "$question" | nice -n 5 "$node" "$version/agent.cjs" self-check
