"""Templates whose roles may less, or more, than ours."""

from policies import permissions_of
from template import changed, resources


def deletions(template):
    """Role, permission, and a template without it: for each action and each place of each statement of each role."""
    for role in resources(template, "IAM::Role"):
        for at, statement in enumerate(_statements(template, role)):
            _, inner = _opened(statement)
            for action in _list(inner["Action"]):
                for place in _list(inner["Resource"]):
                    spoilt = changed(template)
                    _statements(spoilt, role)[at:at + 1] = _without(statement, action, place)
                    permission, = permissions_of(template, inner | {"Action": action, "Resource": place})
                    yield role, permission, spoilt


def greedy(template, role, action):
    """The template with one action more, on every secret."""
    spoilt = changed(template)
    _statements(spoilt, role).append(
        {"Sid": "All", "Effect": "Allow", "Action": action, "Resource": "arn:aws:secretsmanager:*:*:secret:*"})
    return spoilt


def _without(statement, action, place):
    """A statement as the two that are left of it: the other actions everywhere, this action at the other places."""
    close, inner = _opened(statement)
    actions = [other for other in _list(inner["Action"]) if other != action]
    places = [other for other in _list(inner["Resource"]) if other != place]
    halves = [(actions, inner["Resource"])] * bool(actions) + [(action, places)] * bool(places)
    return [close(inner | {"Action": actions, "Resource": places}) for actions, places in halves]


def _opened(statement):
    """What makes the statement of its inside again, and the inside: some stand in an `Fn::If`."""
    if "Fn::If" not in statement:
        return (lambda inner: inner), statement
    condition, inner, otherwise = statement["Fn::If"]
    return (lambda inner: {"Fn::If": [condition, inner, otherwise]}), inner


def _statements(template, role):
    policy, = template["Resources"][role]["Properties"]["Policies"]
    return policy["PolicyDocument"]["Statement"]


def _list(value):
    return value if isinstance(value, list) else [value]
