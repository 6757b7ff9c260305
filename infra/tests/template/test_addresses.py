"""Other accounts and addresses: which accounts may call vend, and the path below which the deployment answers."""

import re

import pytest

from cloudformation import Values, resources

DOMAIN = {"Entrance": "http-api", "DomainName": "api.example", "CertificateArn": "arn:aws:acm:eu-central-1:1:certificate/1"}


def _account_permissions(template, **parameters):
    """The permissions on vend of the accounts in CallerAccounts: the account, the action and the condition."""
    values = Values(template, **parameters)
    permissions = set()
    for name, resource in template["Resources"].items():
        if name.startswith("CallerAccount") and values.condition(resource["Condition"]):
            given = values.of(resource["Properties"])
            condition = "URL with IAM" if given.get("FunctionUrlAuthType") == "AWS_IAM" else ""
            condition = "through the URL" if given.get("InvokedViaFunctionUrl") is True else condition
            assert given["FunctionName"] == values.of({"Fn::GetAtt": ["Vend", "Arn"]})
            permissions.add((given["Principal"], given["Action"], condition))
    return permissions


@pytest.mark.parametrize("accounts", [[], ["210987654321"], [f"{n}" * 12 for n in range(1, 6)]])
def test_each_caller_account_gets_the_two_permissions_of_a_function_url(template, accounts):
    expected = set()
    for account in accounts:
        expected |= {(account, "lambda:InvokeFunctionUrl", "URL with IAM"),
                     (account, "lambda:InvokeFunction", "through the URL")}
    assert _account_permissions(template, CallerAccounts=",".join(accounts)) == expected


def test_caller_accounts_get_nothing_where_vend_has_no_function_url(template):
    assert _account_permissions(template, CallerAccounts="210987654321", Entrance="http-api") == set()


def test_caller_accounts_are_account_ids(template):
    pattern = template["Parameters"]["CallerAccounts"]["AllowedPattern"]
    six = ",".join(["210987654321"] * 6)
    for wrong in ["21098765432", "*", "210987654321,", "210987654321, 123456789012", "arn:aws:iam::210987654321:root", six]:
        assert not re.fullmatch(pattern, wrong), wrong
    for right in ["", "210987654321", "210987654321,123456789012"]:
        assert re.fullmatch(pattern, right), right


def _addresses(template, **parameters):
    """The path in every address of the deployment: what API Gateway maps, functions strip, and others are given."""
    values = Values(template, **parameters)
    mapping = values.of(resources(template, "ApiGatewayV2::ApiMapping")["ApiDomainMapping"])
    functions = resources(template, "Lambda::Function")
    variables = {name: values.of(functions[name]["Environment"]["Variables"]) for name in functions}
    outputs = {name: values.of(template["Outputs"][name]["Value"]) for name in
               ("WebhookBaseUrl", "VendBaseUrl", "ConsentBaseUrl")}
    swept = values.of(resources(template, "Scheduler::Schedule")["Schedule"])["Target"]["Input"]
    stripped = {name: variables[name].get("BASE_PATH") for name in ("Webhook", "Vend", "VendOidc", "Consent")}
    return mapping.get("ApiMappingKey"), stripped, {*outputs.values(), variables["Prober"]["VEND_URL"]}, swept


@pytest.mark.parametrize("path", ["webex", "team-a/webex"])
def test_base_path_is_in_every_address_at_once(template, path):
    mapped, stripped, addresses, swept = _addresses(template, BasePath=path, **DOMAIN)
    assert mapped == path
    assert set(stripped.values()) == {path}
    assert addresses == {f"https://api.example/{path}"}
    assert swept == '{"sweep":{"webhook_url":"https://api.example/%s"}}' % path


def test_without_base_path_the_deployment_has_the_whole_domain(template):
    mapped, stripped, addresses, swept = _addresses(template, **DOMAIN)
    assert mapped is None and set(stripped.values()) == {None}
    assert addresses == {"https://api.example"}
    assert swept == '{"sweep":{"webhook_url":"https://api.example"}}'


def test_base_path_needs_a_domain(template):
    _, stripped, addresses, _ = _addresses(template, BasePath="webex")
    assert set(stripped.values()) == {None}
    assert not any("webex/" in address for address in addresses)
