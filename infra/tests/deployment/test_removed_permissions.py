"""Every permission of a deployed role is needed: without it, a step of an organisation's lifecycle fails.

Runs with `infra/test --mutate`.
"""

import pytest

from broker import Broker
from local_account import OPERATOR
from org_lifecycle import OrgLifecycle, StepFailed
from pinned_permissions import ROLES

PERMISSIONS = [(role, action) for role in ROLES for action in sorted({action for action, _ in ROLES[role]})]

# Permissions whose removal no step can show here: the role, the start of the action, and the reason.
# template/test_permissions.py pins them like all others.
NOT_SHOWN = [
    ("ScheduleRole", "", "ministack's scheduler invokes functions and writes to queues without a role"),
    ("Probe", "", "the roles exist only with ProbeGrant; test_deployment.py probes with them"),
    ("VendOidcRole", "", "the function exists only with OidcIssuers; VendRole has the same permissions"),
    ("ConsentRole", "lambda:", "no step opens the consent pages"),
    ("RefresherRole", "secretsmanager:TagResource", "ministack's CreateSecret sets tags without it"),
    ("RefresherRole", "secretsmanager:DescribeSecret", "a failed second look at a secret is only logged"),
    ("VendRole", "secretsmanager:DescribeSecret", "only for marks, without which vend reads more, and for grants in packs"),
    ("", "secretsmanager:BatchGetSecretValue", "without it, each secret is read by itself, which is only slower"),
    ("", "logs:", "ministack writes the logs of functions by itself"),
    ("", "kms:", "only with KmsKeyArn, and ministack does not encrypt secrets"),
    ("", "xray:", "only with Tracing"),
    ("", "ec2:", "only with SubnetIds, and ministack has no network interfaces of functions"),
    ("RefresherRole", "secretsmanager:UpdateSecret", "only for a fence when the secret takes no more versions"),
    ("NoticesToSpaceRole", "", "ministack posts to API destinations without the role of the rule"),
    ("RefresherRole", "events:", "events that are not sent fail no command"),
    ("", "sqs:", "ministack writes to the queues and reads them by itself"),
]

pytestmark = pytest.mark.mutate


@pytest.fixture(scope="module")
def broker(account):
    account.deploy(CacheTtl=1, FenceSettle=0)
    broker = Broker(account, OPERATOR)
    broker.set_up()
    broker.sweep()
    return broker


def test_lifecycle_passes_with_all_permissions(broker):
    OrgLifecycle(broker).run()


@pytest.mark.parametrize(("role", "action"), PERMISSIONS)
def test_step_fails_without_permission(account, broker, capfd, role, action):
    for of_role, start, reason in NOT_SHOWN:
        if role.startswith(of_role) and action.startswith(start):
            pytest.skip(reason)
    with account.without_permission(role, action):
        account.start_new_environment(role.removesuffix("Role"))
        with pytest.raises(StepFailed) as failure:
            OrgLifecycle(broker, patience=5).run()
    with capfd.disabled():
        print(f"fails at {failure.value.step} ", end="", flush=True)
