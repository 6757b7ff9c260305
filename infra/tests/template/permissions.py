"""The permissions that the template grants, in the notation of `pinned_permissions`."""

from cloudformation import Values, resources

SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:webex-token-broker/"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0"
# Parameters that add permissions.
EVERYTHING = {"KmsKeyArn": KEY, "Tracing": "on", "CallerPolicy": "callers.cedar", "ProbeGrant": "reports/acorn",
              "SubnetIds": ["subnet-1"]}


def role_policies(template, **parameters):
    """Pairs of a role's name and one of its policy documents."""
    values = Values(template, **parameters)
    for role, properties in resources(template, "IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield role, values.of(policy["PolicyDocument"])


def callers_policy(template, entrance):
    """The document of the managed policy for callers of vend."""
    policy, = resources(template, "IAM::ManagedPolicy").values()
    return Values(template, Entrance=entrance).of(policy["PolicyDocument"])


def permissions(document):
    """The set of (action, resource) that a policy document allows."""
    found = set()
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow", "a Deny needs another notation than sets of what is allowed"
        assert "NotAction" not in statement and "NotResource" not in statement, statement["Sid"]
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                found.add((action, _short(resource) + _conditions(statement)))
    return found


def _conditions(statement):
    text = ""
    for test, keys in statement.get("Condition", {}).items():
        for key, value in keys.items():
            text += f", {test} {key} {value}"
    return text


def _short(arn):
    if arn.startswith(SECRETS):
        return arn.removeprefix(SECRETS)
    if arn == KEY:
        return "the key"
    parts = arn.split(":")
    if parts[2:3] == ["logs"]:
        return "logs of " + parts[6].removesuffix("Logs")
    if parts[2:3] == ["lambda"]:
        return ":".join(parts[6:])
    return parts[-1]


def _list(value):
    return value if isinstance(value, list) else [value]
