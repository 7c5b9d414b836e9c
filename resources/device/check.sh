# Proves an installed version and starts its agent once, to hear what it is and what it reaches.
# $1: work directory. $2: version. Standard input: what the agent is asked, as JSON.

version=$1/versions/$2
check_version "$version" "$2" "$1/versions/tampered"
if [ -f "$version/node" ]; then node=$version/node; else node=$(cat "$version/runtime"); fi
echo verified
exec nice -n 5 "$node" "$version/agent.cjs" self-check
