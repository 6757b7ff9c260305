#!/bin/sh
# A shell script beside the daemon: the guard token comes from the file, and is in no argument that `ps` would show.
GUARD=${AGENT_GUARD_FILE:-/run/webex-token-agent/guard}
printf 'Authorization: Bearer %s' "$(cat "$GUARD")" |
  curl --silent --show-error --fail-with-body --header @- "http://127.0.0.1:2774/v1/apps/reports/grants/$ORG/token"
