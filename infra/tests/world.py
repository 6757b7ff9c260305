"""Everything around a deployment: an AWS on this machine with IAM switched on, and a Webex."""

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]
REGION, ACCOUNT = "eu-central-1", "111122223333"
STACK, PREFIX = "webex-token-broker", "webex-token-broker/"
ARCHITECTURE = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)

# Whatever AWS the shell was set up for, this is about another one: no profile, session or region of it may lead there.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]

# Keys that ministack takes for the account's root: the operator.
OPERATOR = Credentials("test", "test")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, seconds=20.0, pause=0.2):
    """What `what` answers, once it is not false; None if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := what():
            return answer
        time.sleep(pause)
    return None


class World:
    """One of each. `stand` is the built example of the simulator, `artifacts` what `sam build` left."""

    def __init__(self, sam, stand, artifacts, port=None):
        self.sam, self.artifacts = sam, artifacts
        self.scratch = Path(tempfile.mkdtemp(prefix="wtb-deployment-"))
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.webex = Webex(stand, *(["--webex", str(port + 1), "--control", str(port + 2)] if port else []))
        self.emulator = self._emulator()

    def _emulator(self):
        """Functions inherit this environment: that they find the emulator needs no parameter of the template."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment = kept | {
            "HOME": str(self.scratch), "TMPDIR": str(self.scratch), "AUTH": "true", "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port), "AWS_ENDPOINT_URL": self.url, "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT, "AWS_EC2_METADATA_DISABLED": "true", "LOG_LEVEL": "INFO", "IOT_MTLS_ENABLED": "0",
        }
        self.log = self.scratch / "emulator.log"
        process = subprocess.Popen([sys.executable, Path(__file__).with_name("emulator.py")], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        if not until(self._answers, 60):
            process.kill()
            self.webex.close()
            raise RuntimeError(f"ministack did not come up:\n{self.log.read_text()}")
        return process

    def _answers(self):
        try:
            return socket.create_connection(("127.0.0.1", self.port), 1).close() is None
        except OSError:
            return False

    def close(self):
        self.webex.close()
        self.emulator.terminate()
        try:
            self.emulator.wait(10)
        except subprocess.TimeoutExpired:
            self.emulator.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # --- the AWS account

    def environment(self):
        """What an operator's shell has."""
        return os.environ | {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": OPERATOR.access_key,
            "AWS_SECRET_ACCESS_KEY": OPERATOR.secret_key, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1", "HOME": str(self.scratch),
        }

    def client(self, service, credentials=OPERATOR):
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, aws_access_key_id=credentials.access_key,
                            aws_secret_access_key=credentials.secret_key, aws_session_token=credentials.token,
                            config=Config(retries={"max_attempts": 1}))

    def deploy(self, **parameters):
        """`sam deploy` of the template as it is."""
        parameters = {"Architecture": ARCHITECTURE, "WebexApiBase": self.webex.url} | parameters
        given = self.scratch / "parameters.yaml"
        given.write_text("".join(f"{name}: {json.dumps(str(value))}\n" for name, value in parameters.items()))
        self._run([self.sam, "deploy", "--template-file", self.artifacts / "template.yaml", "--stack-name", STACK,
                   "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
                   "--parameter-overrides", f"file://{given}"])

    def delete(self):
        self._run([self.sam, "delete", "--stack-name", STACK, "--no-prompts", "--region", REGION])

    def _run(self, command):
        ran = subprocess.run(command, env=self.environment(), cwd=self.scratch, capture_output=True, text=True)
        if ran.returncode:
            raise AssertionError(f"{command[1]} ended with {ran.returncode}:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")

    def outputs(self):
        stack, = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical(self, logical):
        found = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    # --- secrets, as the operator sees them

    def put(self, name, document):
        text = json.dumps(document)
        secrets = self.client("secretsmanager")
        try:
            secrets.create_secret(Name=PREFIX + name, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=PREFIX + name, SecretString=text)

    def stored(self, name):
        """What stands in a secret; None if there is none or it waits for its deletion."""
        secrets = self.client("secretsmanager")
        try:
            return json.loads(secrets.get_secret_value(SecretId=PREFIX + name, VersionStage="AWSCURRENT")["SecretString"])
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return None

    # --- functions

    def invoke(self, function, payload):
        answer = self.client("lambda").invoke(FunctionName=f"{STACK}-{function}", Payload=json.dumps(payload))
        told = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise AssertionError(f"{function} failed: {told}")
        return told

    def role_of(self, function):
        """The credentials that a function runs with: ministack makes them of its ARN and its role's."""
        told = self.client("lambda").get_function(FunctionName=f"{STACK}-{function}")["Configuration"]
        digest = hashlib.sha256(f"{told['FunctionArn']}:{told['Role']}".encode()).hexdigest()
        secret, token = (hashlib.sha256(f"{kind}:{digest}".encode()).hexdigest() for kind in ("secret", "token"))
        return Credentials(f"ASIA{digest[:16].upper()}", secret, token)

    def request(self, method, url, body=None, headers=(), signed_by=None, tamper=False, service="lambda"):
        """An HTTP request to a public URL of the deployment; signed by botocore if somebody signs it."""
        body = json.dumps(body) if isinstance(body, dict) else body
        request = AWSRequest(method, url, data=body, headers=dict(headers) | {"Host": urlsplit(url).netloc})
        if signed_by:
            SigV4Auth(signed_by, service, REGION).add_auth(request)
        headers = dict(request.headers.items())
        if tamper:
            headers["Authorization"] = headers["Authorization"][:-4] + "0000"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        parts = urlsplit(url)
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith("{") else text


class Webex:
    """The simulator's process. Its methods are the commands of tests/simulator/examples/simulated_webex.rs."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ports = json.loads(self.process.stdout.readline())
        self.url, self.control = ports["webex"], ports["control"]

    def __call__(self, command, **wish):
        request = urllib.request.Request(f"{self.control}/{command}", json.dumps(wish).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
