"""A deployment that keeps running, for `infra/stack`."""

import argparse
import signal
import socket
import sys
import time
from pathlib import Path

from broker import Broker
from local_account import OPERATOR, PREFIX, REGION, STACK, LocalAccount

# Signals that end the deployment, besides Ctrl-C.
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)

STARTED = time.monotonic()

INSTRUCTIONS = """
# AWS, in another shell:
export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}
aws cloudformation describe-stacks --stack-name {stack} --query 'Stacks[0].Outputs'
aws secretsmanager list-secrets --filters Key=name,Values={prefix} --query 'SecretList[].Name'
echo '{{"sweep":{{}}}}' | aws lambda invoke --function-name {stack}-refresher --payload fileb:///dev/stdin /dev/stdout
aws logs filter-log-events --log-group-name /aws/lambda/{stack}-refresher --query 'events[].[message]' --output text

# A token (--connect-to leads Function URLs to this machine, which speaks http):
curl --connect-to ::127.0.0.1:{port} --aws-sigv4 aws:amz:{region}:lambda --user {key}:{secret} \\
  {vend}/v1/apps/reports/grants/{acorn}/token

# Webex: type here what an org does; its event is sent to the webhook.
#   authorize acorn | deauthorize acorn | authorize birch | deauthorize birch | sweep
# Log of the emulator: {log}
"""


def step(text):
    print(f"{time.monotonic() - STARTED:4.0f} s  {text}", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="infra/stack")
    parser.add_argument("--sam", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--simulator", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--artifacts", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help="AWS listens here, Webex on the next, its portal on the one after")
    return parser.parse_args()


def check_ports_are_free(first):
    for port in range(first, first + 3):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                sys.exit(f"cannot listen on 127.0.0.1:{port} ({error.strerror}): choose another first port with --port")


def run_command(broker, orgs, line):
    """One line that the user typed."""
    match line.split():
        case [("authorize" | "deauthorize") as command, name] if name in orgs:
            print("the webhook answers", broker.send_event(command, orgs[name]), flush=True)
        case ["sweep"]:
            print(broker.sweep(), flush=True)
        case []:
            pass
        case _:
            print("type \"authorize\" or \"deauthorize\" with \"acorn\" or \"birch\", or \"sweep\"", flush=True)


def set_up(account):
    step("deploying the template (about 20 seconds)")
    account.deploy(CacheTtl=2, FenceSettle=0)
    broker = Broker(account, OPERATOR)
    step("importing the minter's pair")
    broker.set_up()
    step("sweeping, which registers the webhooks")
    broker.sweep()
    step("authorising the org acorn")
    orgs = {name: account.webex("org", name=name)["id"] for name in ("acorn", "birch")}
    broker.send_event("authorize", orgs["acorn"])
    broker.wait_for_token(orgs["acorn"])
    return broker, orgs


def serve(account):
    broker, orgs = set_up(account)
    print(INSTRUCTIONS.format(
        url=account.url, region=REGION, key=OPERATOR.access_key, secret=OPERATOR.secret_key, stack=STACK, prefix=PREFIX,
        port=account.port, vend=broker.vend_url.replace("https:", "http:"), acorn=orgs["acorn"], log=account.log,
    ), flush=True)
    for line in sys.stdin:
        try:
            run_command(broker, orgs, line)
        except (AssertionError, OSError) as error:  # Webex may refuse a command: the deployment keeps running
            print(error, flush=True)
    signal.pause()


def ignore_signals():
    for number in (signal.SIGINT, *ENDING_SIGNALS):
        signal.signal(number, signal.SIG_IGN)


def end(*_):
    ignore_signals()
    sys.exit()


def main():
    arguments = parse_arguments()
    if arguments.port:
        check_ports_are_free(arguments.port)
    for number in ENDING_SIGNALS:
        signal.signal(number, end)
    step("starting the emulated AWS account and the simulated Webex")
    account = LocalAccount(arguments.sam, arguments.simulator, arguments.artifacts, arguments.port)
    try:
        # A closing terminal sends several signals and breaks standard output: none of that may stop the clean-up.
        try:
            serve(account)
        finally:
            ignore_signals()
    except KeyboardInterrupt:
        pass
    finally:
        account.close()


if __name__ == "__main__":
    main()
