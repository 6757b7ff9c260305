"""The permissions that the template gives, in the words of `pinned`: what is missing and what is too much."""

from pinned import PINNED
from template import Values, resources

# How ARNs are called here.
SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:webex-token-broker/"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0"
EVERYTHING = {"KmsKeyArn": KEY, "Tracing": "on"}


def documents(template, everything=True):
    """The policies of each role, with or without what parameters add."""
    values = Values(template, **EVERYTHING if everything else {})
    for role, properties in resources(template, "IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield role, values.of(policy["PolicyDocument"])


def permissions(template, role):
    """(action, place) of one role."""
    statements = [it for owner, document in documents(template) if owner == role for it in document["Statement"]]
    return set().union(*map(_said, statements))


def permissions_of(template, statement):
    """(action, place) of one statement."""
    return _said(Values(template, **EVERYTHING).of(statement))


def surplus(template, role):
    """What a role may beyond what is pinned."""
    return sorted(permissions(template, role) - PINNED.get(role, set()))


def _said(statement):
    assert statement["Effect"] == "Allow", "a Deny would make these sets say less than they seem to"
    only = "".join(f", {test} {key} {value}" for test, keys in statement.get("Condition", {}).items()
                   for key, value in keys.items())
    actions = _list(statement.get("Action")) + ["not " + action for action in _list(statement.get("NotAction"))]
    return {(action, _place(where) + only) for action in actions for where in _list(statement.get("Resource", "*"))}


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
