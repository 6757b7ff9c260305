"""The environment variables that the template sets are those that the functions read."""

import pytest

from cloudformation import resources

# Variables that the template does not set, and why.
UNSET = {
    "WEBHOOK_URL": "the schedule passes the address in its input",
    "CALLERS": "for local runs only",
    "LAMBDA_TASK_ROOT": "Lambda sets it",
}

# The program of each function.
FUNCTIONS = {"Refresher": "refresher", "Webhook": "webhook", "Vend": "vend", "VendOidc": "vend", "Consent": "consent",
             "Prober": "prober"}

# Variables whose parameter has another default than the code, and why.
OTHER_DEFAULTS = {("VendOidc", "OIDC_ISSUERS"): "the function exists only if the parameter is set",
                  ("Prober", "PROBE_GRANT"): "the function exists only if the parameter is set"}

# Variables that one function of a program does not set, and why.
UNSET_FOR = {("Vend", "OIDC_ISSUERS"): "VendOidc serves callers with an OIDC token"}


def _set_variables(template, function):
    return resources(template, "Lambda::Function")[function]["Environment"]["Variables"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_template_sets_the_variables_that_the_function_reads(template, contract, function):
    read = {variable["name"] for variable in contract["functions"][FUNCTIONS[function]]["variables"]}
    given = set(_set_variables(template, function))
    assert given <= read, f"{function} does not read {given - read}"
    missing = read - given - set(UNSET) - {name for of, name in UNSET_FOR if of == function}
    assert not missing, f"the template does not set {missing}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_parameters_have_the_defaults_of_the_code(template, contract, function):
    """`!Ref Parameter` and `!If [Condition, !Ref Parameter, no value]` without parameters leave the code's default."""
    variables = contract["functions"][FUNCTIONS[function]]["variables"]
    defaults = {variable["name"]: variable["default"] for variable in variables}
    for name, value in _set_variables(template, function).items():
        is_parameter = set(value) == {"Ref"} and value["Ref"] in template["Parameters"]
        if is_parameter and (function, name) not in OTHER_DEFAULTS:
            assert str(template["Parameters"][value["Ref"]]["Default"]) == defaults[name], name


def test_console_does_not_show_the_digest_of_the_operator_key(template):
    assert template["Parameters"]["ConsentKeySha256"]["NoEcho"] is True
