"""An AWS account on this machine that enforces IAM (ministack), and a simulated Webex."""

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
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[3]
REGION, ACCOUNT = "eu-central-1", "111122223333"
STACK, PREFIX = "webex-token-broker", "webex-token-broker/"
# Where a release is deployed from.
BUCKET = "releases-eu-central-1"
ARCHITECTURE = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)

# The credentials that ministack accepts for the account's root user: the operator.
OPERATOR = Credentials("test", "test")

# No profile, region or session of the shell may lead a test to a real account.
for variable in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[variable]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(check, seconds=20.0, pause=0.2):
    """Calls `check` until it returns something true, and returns that; None after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := check():
            return result
        time.sleep(pause)
    return None


class LocalAccount:
    """`sam` is the SAM CLI, `simulator` the executable of the simulated Webex.

    `artifacts` is the output of `sam build`, or a release, which the AWS CLI deploys from a bucket of this account.
    With `port`, AWS listens there and Webex on the two ports after it.
    """

    def __init__(self, sam, simulator, artifacts, port=None, aws_cli=None):
        self.sam, self.artifacts, self.aws_cli = sam, artifacts, aws_cli
        self.is_release = (artifacts / "template.json").exists()
        self.scratch = Path(tempfile.mkdtemp(prefix="wtb-deployment-"))
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.scratch / "emulator.log"
        webex_ports = ["--webex", str(port + 1), "--control", str(port + 2)] if port else []
        self.webex = Webex(simulator, *webex_ports)
        self.emulator = self._start_emulator()

    def _start_emulator(self):
        # Functions inherit the emulator's environment, so the template needs no parameter for AWS_ENDPOINT_URL.
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
            "HOME": str(self.scratch), "TMPDIR": str(self.scratch), "AUTH": "true", "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port), "AWS_ENDPOINT_URL": self.url, "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT, "AWS_EC2_METADATA_DISABLED": "true", "LOG_LEVEL": "INFO",
            "IOT_MTLS_ENABLED": "0",
        }
        program = Path(__file__).with_name("patched_ministack.py")
        process = subprocess.Popen([sys.executable, program], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        if not wait_for(self._is_listening, 60):
            process.kill()
            self.webex.close()
            raise RuntimeError(f"ministack does not listen on port {self.port} after 60 s:\n{self.log.read_text()}")
        return process

    def _is_listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def close(self):
        self.webex.close()
        self.emulator.terminate()
        try:
            self.emulator.wait(10)
        except subprocess.TimeoutExpired:
            self.emulator.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # --- AWS

    def environment(self):
        """The environment of an operator's shell."""
        return os.environ | {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": OPERATOR.access_key,
            "AWS_SECRET_ACCESS_KEY": OPERATOR.secret_key, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1",
            "HOME": str(self.scratch),
        }

    def client(self, service, credentials=OPERATOR):
        """A client that does not retry."""
        return boto3.client(service, region_name=REGION, endpoint_url=self.url,
                            aws_access_key_id=credentials.access_key, aws_secret_access_key=credentials.secret_key,
                            aws_session_token=credentials.token, config=Config(retries={"max_attempts": 1}))

    def deploy(self, **parameters):
        """Deploys the template: with `sam deploy`, or a release with `aws cloudformation deploy`."""
        parameters = {"Architecture": ARCHITECTURE, "WebexApiBase": self.webex.url} | parameters
        if self.is_release:
            self._deploy_release(parameters)
            return
        file = self.scratch / "parameters.yaml"
        file.write_text("".join(f"{name}: {json.dumps(str(value))}\n" for name, value in parameters.items()))
        self._run([self.sam, "deploy", "--template-file", self.artifacts / "template.yaml", "--stack-name", STACK,
                   "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
                   "--parameter-overrides", f"file://{file}"])

    def _deploy_release(self, parameters):
        if not self.client("s3").list_buckets(Prefix=BUCKET)["Buckets"]:
            self._upload_release()
        parameters = {"ArtifactBucket": BUCKET} | parameters
        file = self.scratch / "parameters.json"
        file.write_text(json.dumps([f"{name}={value}" for name, value in parameters.items()]))
        self._run([self.aws_cli, "cloudformation", "deploy", "--template-file", self.artifacts / "template.json",
                   "--stack-name", STACK, "--s3-bucket", BUCKET, "--no-fail-on-empty-changeset", "--capabilities",
                   "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides", f"file://{file}"])

    def _upload_release(self):
        self._run([self.aws_cli, "s3", "mb", f"s3://{BUCKET}"])
        template = json.loads((self.artifacts / "template.json").read_text())
        folder = f"s3://{BUCKET}/webex-token-broker/{template['Outputs']['Version']['Value']}/"
        self._run([self.aws_cli, "s3", "cp", "--recursive", "--quiet", self.artifacts, folder])

    def delete(self):
        """Deletes the stack."""
        if self.is_release:
            self._run([self.aws_cli, "cloudformation", "delete-stack", "--stack-name", STACK])
            self._run([self.aws_cli, "cloudformation", "wait", "stack-delete-complete", "--stack-name", STACK])
        else:
            self._run([self.sam, "delete", "--stack-name", STACK, "--no-prompts", "--region", REGION])

    def _run(self, command):
        ran = subprocess.run(command, env=self.environment(), cwd=self.scratch, capture_output=True, text=True)
        if ran.returncode:
            output = ran.stdout[-3000:] + ran.stderr[-3000:]
            raise AssertionError(f"{command[0]} {command[1]} exited with status {ran.returncode}:\n{output}")

    def outputs(self):
        """The outputs of the stack, by key."""
        stack, = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical_id(self, logical_id):
        resource = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return resource["StackResourceDetail"]["PhysicalResourceId"]

    def set_schedule(self, expression):
        """Changes how often the schedule of sweeps fires."""
        scheduler, name = self.client("scheduler"), self.outputs()["ScheduleName"]
        schedule = scheduler.get_schedule(Name=name)
        scheduler.update_schedule(Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"},
                                  Target=schedule["Target"], State="ENABLED")

    # --- IAM

    def create_caller(self, name, policy_arn=None):
        """The credentials of a new IAM user that has the managed policy, or no permission."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if policy_arn:
            iam.attach_user_policy(UserName=name, PolicyArn=policy_arn)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def put_user_policy(self, name, document):
        """Gives a user one more policy of its own."""
        self.client("iam").put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))

    def limit_user(self, name, document):
        """Gives a user a permissions boundary."""
        iam = self.client("iam")
        boundary = iam.create_policy(PolicyName="webex-token-broker-boundary", PolicyDocument=json.dumps(document))
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary["Policy"]["Arn"])

    def role_credentials(self, role):
        """Credentials of a role of the stack, as its function has them. The operator is trusted for this call only."""
        iam, name = self.client("iam"), self.physical_id(role)
        described = iam.get_role(RoleName=name)["Role"]
        original = described["AssumeRolePolicyDocument"]
        trust_operator = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        trusting = original | {"Statement": [*original["Statement"], trust_operator]}
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trusting))
        try:
            assumed = self.client("sts").assume_role(RoleArn=described["Arn"], RoleSessionName="test")["Credentials"]
        finally:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(original))
        return Credentials(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])

    @contextmanager
    def without_permission(self, role, action):
        """Removes an action from every statement of a role's policy, and puts it back at the end."""
        iam, name = self.client("iam"), self.physical_id(role)
        policy, = iam.list_role_policies(RoleName=name)["PolicyNames"]
        original = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        statements = []
        for statement in original["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            remaining = [other for other in actions if other != action]
            if remaining:
                statements.append(statement | {"Action": remaining})
        reduced = original | {"Statement": statements}
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(reduced))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(original))

    # --- secrets, with the operator's permissions

    def put_secret(self, name, document):
        text = json.dumps(document)
        secrets = self.client("secretsmanager")
        try:
            secrets.create_secret(Name=PREFIX + name, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=PREFIX + name, SecretString=text)

    def secret(self, name):
        """The document in a secret; None if the secret is missing or scheduled for deletion."""
        secrets = self.client("secretsmanager")
        try:
            value = secrets.get_secret_value(SecretId=PREFIX + name, VersionStage="AWSCURRENT")
        except (secrets.exceptions.ResourceNotFoundException, secrets.exceptions.InvalidRequestException):
            return None
        return json.loads(value["SecretString"])

    # --- functions

    def invoke(self, function, payload):
        """The answer of a function; fails if the invocation does."""
        invoked = self.client("lambda").invoke(FunctionName=f"{STACK}-{function}", Payload=json.dumps(payload))
        answer = json.loads(invoked["Payload"].read() or b"null")
        if invoked.get("FunctionError"):
            raise AssertionError(f"the invocation of {function} failed: {answer}")
        return answer

    def start_new_environment(self, function):
        """Makes the next invocation start a new environment, which has cached nothing: changes the memory size."""
        client, name = self.client("lambda"), self.physical_id(function)
        size = client.get_function_configuration(FunctionName=name)["MemorySize"]
        client.update_function_configuration(FunctionName=name, MemorySize=size + 1)

    def set_variables(self, function, **variables):
        """Changes variables of a function, by its logical id. Its next invocation starts a new environment."""
        client, name = self.client("lambda"), self.physical_id(function)
        current = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        client.update_function_configuration(FunctionName=name, Environment={"Variables": current | variables})

    def request(self, method, url, body=None, headers=(), signed_by=None, forged=False, service="lambda"):
        """Sends an HTTP request to a public URL of the deployment. Returns the status and the body.

        `forged` changes the signature after it was made.
        """
        body = json.dumps(body) if isinstance(body, dict) else body
        parts = urlsplit(url)
        request = AWSRequest(method, url, data=body, headers=dict(headers) | {"Host": parts.netloc})
        if signed_by:
            SigV4Auth(signed_by, service, REGION).add_auth(request)
        headers = dict(request.headers.items())
        if forged:
            headers["Authorization"] = headers["Authorization"][:-4] + "0000"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, json.loads(text) if text.startswith("{") else text


class Webex:
    """The process of the simulated Webex. `tests/simulator/examples/simulated_webex.rs` has the commands."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        addresses = json.loads(self.process.stdout.readline())
        self.url, self.control = addresses["webex"], addresses["control"]

    def __call__(self, command, **arguments):
        """Runs a command and returns its answer."""
        request = urllib.request.Request(f"{self.control}/{command}", json.dumps(arguments).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
