"""Runs the commands that the documentation gives for a deployment.

The `sh` blocks between `<!-- deploy -->` and `<!-- /deploy -->` run in one shell, in the repository's root, unchanged.
If a release is what is tested, the block between `<!-- deploy-release -->` and `<!-- /deploy-release -->` takes the place
of the first. Environment variables stand for what the reader brings; the simulated Webex provides them. Programs on PATH
stand for the network: `sam` and `aws` add the address of the simulated Webex to a deployment, and `curl` connects to this
machine for every Function URL. The last block must print a token that Webex accepts.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib

from local_account import ARCHITECTURE, ROOT

DOCUMENTS = ["README.md", "infra/README.md"]

# Files that the blocks create, which remain if a block fails.
CREATED_FILES = ["minter.json", "reports.json", "import.json", "sweep.json"]

# Adds the simulated Webex to the parameters of a deployment.
DEPLOYING = """#!/bin/sh
case "$1 $2" in deploy*|"cloudformation deploy") ;; *) exec {program} "$@" ;; esac
for argument; do
  shift
  set -- "$@" "$argument"
  [ "$argument" = --parameter-overrides ] && set -- "$@" WebexApiBase={webex}
done
exec {program} "$@"
"""

WRAPPERS = {
    "sam": DEPLOYING.replace("{program}", "{sam}"),
    "aws": DEPLOYING.replace("{program}", "{aws}"),
    "curl": """#!/bin/sh
for argument; do
  shift
  case $argument in https://*) argument=http://${{argument#https://}} ;; esac
  set -- "$@" "$argument"
done
exec {curl} --connect-to ::127.0.0.1:{port} "$@"
""",
}


def test_documented_deployment_ends_with_a_token_that_webex_accepts(account, pytestconfig):
    blocks = _documented_blocks("deploy")
    if account.is_release:
        blocks[:1] = _documented_blocks("deploy-release")
    script = "set -euo pipefail\n" + "\n".join(blocks)
    environment = account.environment() | _portal(account.webex) | {
        "PATH": f"{_install_wrappers(account)}:{os.environ['PATH']}", "ARCH": ARCHITECTURE, "HOME": os.environ["HOME"],
        "RELEASE": str(account.artifacts), "BUCKET": "documented-releases",
    }
    try:
        ran = subprocess.run(["bash", "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
    finally:
        for name in CREATED_FILES:
            (ROOT / name).unlink(missing_ok=True)
    output = f"{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}"
    assert ran.returncode == 0, f"the documented commands exited with status {ran.returncode}:\n{output}"
    answers = re.findall(r'\{"access_token":.*\}', ran.stdout)
    assert answers, f"the documented commands printed no token:\n{output}"
    token = json.loads(answers[-1])["access_token"]
    assert account.webex("alive", access_token=token)["alive"]


def test_documented_version_is_that_of_the_workspace():
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    block, = _documented_blocks("deploy-release")
    assert set(re.findall(r"\d+\.\d+\.\d+", block)) == {version}


def _documented_blocks(mark):
    sections = []
    for document in DOCUMENTS:
        path = ROOT / document
        text = path.read_text() if path.exists() else ""
        sections += re.findall(rf"<!-- {mark} -->(.*?)<!-- /{mark} -->", text, re.S)
    assert len(sections) == 1, f"one of {DOCUMENTS} needs a section between <!-- {mark} --> and <!-- /{mark} -->"
    blocks = re.findall(r"^```sh\n(.*?)^```", sections[0], re.S | re.M)
    assert blocks, f"the section {mark} has no sh block"
    return blocks


def _install_wrappers(account):
    folder = account.scratch / "bin"
    folder.mkdir()
    values = {"sam": shlex.quote(str(account.sam)), "aws": shlex.quote(str(account.aws_cli)), "webex": account.webex.url, "port": account.port,
              "curl": shutil.which("curl")}
    for name, text in WRAPPERS.items():
        (folder / name).write_text(text.format(**values))
        (folder / name).chmod(0o755)
    return str(folder)


def _portal(webex):
    """What a reader copies from Webex's portal, and an org that has authorised the app."""
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
