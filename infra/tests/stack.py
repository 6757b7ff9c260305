"""A deployment that stays up: `infra/stack` runs it."""

import signal
import socket
import sys
from pathlib import Path

from life import Broker
from world import OPERATOR, PREFIX, REGION, STACK, World

# How we are told to, besides Ctrl-C.
ENDS = (signal.SIGTERM, signal.SIGHUP)

LINES = """
# AWS, in another shell:
export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}
aws cloudformation describe-stacks --stack-name {stack} --query 'Stacks[0].Outputs'
aws secretsmanager list-secrets --filters Key=name,Values={prefix} --query 'SecretList[].Name'
echo '{{"sweep":{{}}}}' | aws lambda invoke --function-name {stack}-refresher --payload fileb:///dev/stdin /dev/stdout
aws logs filter-log-events --log-group-name /aws/lambda/{stack}-refresher --query 'events[].[message]' --output text

# A token, signed (Function URLs are found on this machine by --connect-to, and speak http here):
curl --connect-to ::127.0.0.1:{port} --aws-sigv4 aws:amz:{region}:lambda --user {key}:{secret} \\
  {vend}/v1/apps/reports/grants/{acorn}/token

# Webex: what its orgs do, with the event that follows. Type here:
#   authorize acorn | deauthorize acorn | authorize birch | deauthorize birch | sweep
# What the emulator says: {log}
"""


def obey(broker, orgs, line):
    """One line that somebody typed."""
    match line.split():
        case [("authorize" | "deauthorize") as command, name] if name in orgs:
            print("webhook answers", broker.tell(command, orgs[name]), flush=True)
        case ["sweep"]:
            print(broker.sweep(), flush=True)
        case []:
            pass
        case _:
            print("authorize, deauthorize, with acorn or birch; or sweep", flush=True)


def claimed(options):
    """The first of three free ports, if one is wished for."""
    if options[:1] != ("--port",):
        return None
    port = int(options[1])
    for wanted in range(port, port + 3):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError as error:
                sys.exit(f"port {wanted} on 127.0.0.1 cannot be had ({error.strerror}): choose others with --port")
    return port


def play(world):
    print("deploying…", flush=True)
    world.deploy(CacheTtl=2, FenceSettle=0)
    broker = Broker(world, OPERATOR)
    broker.set_up()
    broker.sweep()
    orgs = {name: world.webex("org", name=name)["id"] for name in ("acorn", "birch")}
    broker.tell("authorize", orgs["acorn"])
    broker.vended(orgs["acorn"])
    print(LINES.format(url=world.url, region=REGION, key=OPERATOR.access_key, secret=OPERATOR.secret_key, stack=STACK,
                       prefix=PREFIX, port=world.port, vend=broker.vend_url.replace("https:", "http:"),
                       acorn=orgs["acorn"], log=world.log), flush=True)
    for line in sys.stdin:
        try:
            obey(broker, orgs, line)
        except (AssertionError, OSError) as error:  # what Webex would not do, say: no reason to end
            print(error, flush=True)
    signal.pause()


def be_deaf():
    for told in (signal.SIGINT, *ENDS):
        signal.signal(told, signal.SIG_IGN)


def end(*_):
    be_deaf()
    sys.exit()


def main(sam, stand, artifacts, *options):
    port = claimed(options)
    for told in ENDS:
        signal.signal(told, end)
    world = World(sam, stand, Path(artifacts), port)
    try:
        # A terminal that goes away says so by several signals and by errors: none may interrupt the cleaning up.
        try:
            play(world)
        finally:
            be_deaf()
    except KeyboardInterrupt:
        pass
    finally:
        world.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
