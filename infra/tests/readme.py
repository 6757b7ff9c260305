"""README's deploy section, typed as it stands: `infra/test` runs it.

The `sh` blocks between `<!-- deploy -->` and `<!-- /deploy -->` are run in one shell, from the repository's root.
What they say must be the caller's is in the environment: the portal's answers come from the simulated Webex. Two
programs on PATH stand for the network: `sam` names the simulated Webex when it deploys, and `curl` finds the Function
URLs on this machine. The last block must print a token that Webex knows.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from world import ARCHITECTURE, ROOT, World

WRAPPERS = {
    "sam": """#!/bin/sh
[ "$1" = deploy ] || exec {sam} "$@"
for argument; do
  shift
  set -- "$@" "$argument"
  [ "$argument" = --parameter-overrides ] && set -- "$@" WebexApiBase={webex}
done
exec {sam} "$@"
""",
    "curl": """#!/bin/sh
for argument; do
  shift
  case $argument in https://*) argument=http://${{argument#https://}} ;; esac
  set -- "$@" "$argument"
done
exec {curl} --connect-to ::127.0.0.1:{port} "$@"
""",
}


# What the section writes, and takes away again if it comes to its end.
WRITTEN = ["minter.json", "reports.json", "import.json", "sweep.json"]


def section():
    text = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- deploy -->(.*?)<!-- /deploy -->", text, re.S)
    return re.findall(r"^```sh\n(.*?)^```", found[1], re.S | re.M) if found else []


def portal(webex):
    """What a person copies out of Webex's portal, and an org that has authorised the app."""
    redirect_uri = "https://consent.example/callback"
    minter = webex("integration", owner="ada", redirect_uri=redirect_uri)
    app, org = webex("service-app", owner="ada"), webex("org", name="customer")["id"]
    webex("authorize", client_id=app["client_id"], org=org)
    return {
        "MINTER_CLIENT_ID": minter["client_id"], "MINTER_CLIENT_SECRET": minter["client_secret"],
        "MINTER_REDIRECT_URI": redirect_uri,
        "MINTER_REFRESH_TOKEN": webex("grant", client_id=minter["client_id"], user="ada")["refresh_token"],
        "APP_CLIENT_ID": app["client_id"], "APP_CLIENT_SECRET": app["client_secret"], "ORG": org,
    }


def typed(world, blocks, aws, path):
    tools = world.scratch / "bin"
    tools.mkdir()
    names = {"sam": shlex.quote(str(world.sam)), "webex": world.webex.url, "port": world.port,
             "curl": subprocess.check_output(["which", "curl"], text=True).strip()}
    for name, text in WRAPPERS.items():
        (tools / name).write_text(text.format(**names))
        (tools / name).chmod(0o755)
    environment = world.environment() | portal(world.webex) | {
        "PATH": f"{tools}:{Path(aws).parent}:{path}", "ARCH": ARCHITECTURE,
        "HOME": os.environ["HOME"],
    }
    script = "set -euo pipefail\n" + "\n".join(blocks)
    return subprocess.run(["bash", "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)


def main(sam, stand, aws):
    blocks = section()
    if not blocks:
        print("README.md has no section between <!-- deploy --> and <!-- /deploy -->")
        return 1
    world = World(sam, stand, None)
    try:
        ran = typed(world, blocks, aws, os.environ["PATH"])
        vended = re.findall(r'\{"access_token":.*\}', ran.stdout)
        if ran.returncode or not vended:
            print(f"README's deploy section ended with {ran.returncode}:\n{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}")
            return 1
        assert world.webex("alive", access_token=json.loads(vended[-1])["access_token"])["alive"]
    finally:
        world.close()
        for name in WRITTEN:
            (ROOT / name).unlink(missing_ok=True)
    print("README's deploy section, typed as it stands, ends with a token that Webex takes")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
