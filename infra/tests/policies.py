"""The permissions that the template gives, in the words of `pinned`: what is missing and what is too much."""

from pinned import PINNED
from template import Values, resources

# How ARNs are called here.
SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:webex-token-broker/"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0"

def documents(template, everything=True):
    """The policies of each role, with or without what parameters add."""
    extra = {"KmsKeyArn": KEY, "Tracing": "on"} if everything else {}
    values = Values(template, **extra)
    for role, properties in resources(template, "IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield role, values.of(policy["PolicyDocument"])


def permissions(template, role, everything=True):
    """(action, place) of one role."""
    found = set()
    for owner, document in documents(template, everything):
        for statement in document["Statement"] if owner == role else []:
            assert statement["Effect"] == "Allow", "a Deny would make the sets below say less than they seem to"
            for action in _list(statement.get("Action")) + ["not " + a for a in _list(statement.get("NotAction"))]:
                found |= {(action, _place(where)) for where in _list(statement.get("Resource", "*"))}
    return found


def has(template, role, permission):
    return permission in permissions(template, role)


def surplus(template, role):
    """What a role may beyond what is pinned."""
    return sorted(permissions(template, role) - PINNED.get(role, set()))


def _place(arn):
    if arn.startswith(SECRETS):
        return arn.removeprefix(SECRETS)
    if arn == KEY:
        return "the key"
    parts = arn.split(":")
    if parts[2:3] == ["logs"]:
        return "logs of " + parts[6].removesuffix("Logs")
    return parts[-1] if arn.startswith("arn:") else arn


def _list(value):
    return value if isinstance(value, list) else [] if value is None else [value]
