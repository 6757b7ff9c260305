"""The permissions of the template: exactly those that are pinned, and valid in parliament's view.

Also the policies in infra/policies, which an account's owner may attach.
"""

import json

import pytest
from parliament import analyze_policy_string

from cloudformation import INFRA, Values, resources
from permissions import EVERYTHING, callers_policy, permissions, role_policies
from pinned_permissions import CALLERS, PRINCIPALS, ROLES

# Findings of parliament that are wrong: the issue, a part of its text, and the reason.
WRONG_FINDINGS = [
    ("UNKNOWN_CONDITION_FOR_ACTION", "lambda:InvokedViaFunctionUrl",
     "AWS added it in October 2025, after the data of this parliament"),
    ("RESOURCE_STAR", "ec2:CreateNetworkInterface",
     "Lambda's developer guide and its managed policy AWSLambdaENIManagementAccess name no resource either"),
]


@pytest.mark.parametrize("role", ROLES)
def test_role_has_the_pinned_permissions(template, role):
    granted = set()
    for owner, document in role_policies(template, **EVERYTHING):
        if owner == role:
            granted |= permissions(document)
    assert granted == ROLES[role]


@pytest.mark.parametrize("entrance", CALLERS)
def test_callers_policy_has_the_pinned_permissions(template, entrance):
    assert permissions(callers_policy(template, entrance)) == CALLERS[entrance]


def test_template_has_no_other_source_of_permissions(template):
    assert set(resources(template, "IAM::Role")) == set(ROLES)
    kinds = {it["Type"] for it in template["Resources"].values() if it["Type"].startswith("AWS::IAM::")}
    assert kinds == {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
    for role, properties in resources(template, "IAM::Role").items():
        assert "ManagedPolicyArns" not in properties, role
    for policy, properties in resources(template, "IAM::ManagedPolicy").items():
        assert not {"Roles", "Users", "Groups"} & set(properties), policy


def test_each_function_has_its_own_role(template):
    for function, properties in resources(template, "Lambda::Function").items():
        assert properties["Role"] == {"Fn::GetAtt": [f"{function}Role", "Arn"]}


@pytest.mark.parametrize("role", ROLES)
def test_role_is_assumed_by_its_principal_only(template, role):
    statement, = resources(template, "IAM::Role")[role]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == PRINCIPALS[role]


def test_key_trace_and_network_permissions_need_their_parameters(template):
    documents = json.dumps([document for _, document in role_policies(template)])
    assert "kms:" not in documents and "xray:" not in documents and "ec2:" not in documents


def test_boundary_holds_for_every_role_and_by_default_for_none(template):
    boundary = "arn:aws:iam::111122223333:policy/limit"
    for role, properties in resources(template, "IAM::Role").items():
        assert Values(template, PermissionsBoundaryArn=boundary).of(properties)["PermissionsBoundary"] == boundary, role
        assert "PermissionsBoundary" not in Values(template).of(properties), role


def test_subnets_hold_for_every_function_and_by_default_for_none(template):
    network = {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    for function, properties in resources(template, "Lambda::Function").items():
        assert Values(template, **network).of(properties)["VpcConfig"] == network, function
        assert "VpcConfig" not in Values(template).of(properties), function


@pytest.mark.parametrize("role", ["WebhookRole", "VendRole", "VendOidcRole", "ConsentRole"])
def test_http_functions_cannot_write_secrets(role):
    actions = {action for action, _ in ROLES[role] if action.startswith("secretsmanager:")}
    reads = {f"secretsmanager:{name}" for name in
             ("GetSecretValue", "BatchGetSecretValue", "ListSecrets", "DescribeSecret")}
    assert actions <= reads


@pytest.mark.parametrize("policy", [*ROLES, *(f"VendCallers-{entrance}" for entrance in CALLERS)])
def test_parliament_has_no_findings(template, policy):
    documents = [document for role, document in role_policies(template, **EVERYTHING) if role == policy]
    documents += [callers_policy(template, entrance) for entrance in CALLERS if policy == f"VendCallers-{entrance}"]
    assert documents
    for document in documents:
        assert _findings(document) == []


@pytest.fixture(params=["service-control-policy", "permissions-boundary"])
def account_policy(request):
    """A policy that keeps identities of the account from invoking vend directly."""
    return json.loads((INFRA / "policies" / f"{request.param}.json").read_text())


def test_parliament_has_no_findings_in_policies_for_the_account(account_policy):
    assert _findings(account_policy) == []


def test_policies_for_the_account_name_the_functions_of_vend(template, account_policy):
    functions = Values(template).of(resources(template, "Lambda::Function"))
    names = {functions[name]["FunctionName"] for name in ("Vend", "VendOidc")}
    statement, = [it for it in account_policy["Statement"] if it["Sid"] == "VendIsInvokedThroughItsUrlOnly"]
    named = {arn.removeprefix("arn:aws:lambda:*:*:function:") for arn in statement["Resource"]}
    assert named == names | {f"{name}:*" for name in names}


def _findings(document):
    findings = analyze_policy_string(json.dumps(document)).findings
    return [str(finding) for finding in findings if not _is_wrong(finding)]


def _is_wrong(finding):
    return any(finding.issue == issue and part in str(finding) for issue, part, _ in WRONG_FINDINGS)
