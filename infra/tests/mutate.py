"""Takes permissions away from deployed roles."""

import copy
import json
from contextlib import contextmanager

from life import Failed, life
from pinned import PINNED

# What no step can notice here, and why. infra/check pins these permissions too.
UNSEEN = {
    "secretsmanager:TagResource": "ministack lets CreateSecret tag without it",
    "secretsmanager:BatchGetSecretValue": "scans and pages fall back to one call a secret: slower, and it shows nowhere else",
    "secretsmanager:DescribeSecret": "a second look that is only logged if it fails",
    "logs:": "ministack writes the logs of functions by itself",
    "kms:": "only with KmsKeyArn, and ministack's secrets are not encrypted",
    "xray:": "only with Tracing",
    "sqs:": "ministack delivers to the queue by itself",
}


@contextmanager
def without(world, role, action):
    """The role without an action, in all its statements."""
    iam, name = world.client("iam"), world.physical(role)
    policy, = iam.list_role_policies(RoleName=name)["PolicyNames"]
    kept = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]

    def put(document):
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))

    spoilt = copy.deepcopy(kept)
    for statement in spoilt["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [other for other in actions if other != action] or ["sts:GetCallerIdentity"]
    put(spoilt)
    try:
        yield
    finally:
        put(kept)


def every_permission(broker, told):
    """Lives one life without each action of each function's role; a step must stop it."""
    for role in ("WebhookRole", "VendRole", "RefresherRole"):
        for action in sorted({action for action, _ in PINNED[role]}):
            why = next((why for start, why in UNSEEN.items() if action.startswith(start)), None)
            if why:
                told(f"skipped: {role} without {action}: {why}")
                continue
            try:
                with without(broker.world, role, action):
                    _start_afresh(broker.world, role.removesuffix("Role"))
                    life(broker, patience=5)
            except Failed as failed:
                told(f"{role} without {action}: noticed by “{failed.step}”")
            else:
                raise Failed(f"{role} without {action}", "nothing noticed")


def _start_afresh(world, function):
    """A warm environment knows what it was once allowed to read; another memory size makes a new one."""
    lambda_, name = world.client("lambda"), world.physical(function)
    size = lambda_.get_function_configuration(FunctionName=name)["MemorySize"]
    lambda_.update_function_configuration(FunctionName=name, MemorySize=size + 1)
