"""The environment variables that the template sets are those that the functions read."""

import pytest

from cloudformation import resources

# Variables that the template does not set, and why.
UNSET = {
    "WEBHOOK_URL": "the schedule passes the address in its input",
    "CALLERS": "for local runs only",
    "LAMBDA_TASK_ROOT": "Lambda sets it",
}

FUNCTIONS = ["Refresher", "Webhook", "Vend", "Consent"]


def _set_variables(template, function):
    return resources(template, "Lambda::Function")[function]["Environment"]["Variables"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_template_sets_the_variables_that_the_function_reads(template, contract, function):
    read = {variable["name"] for variable in contract["functions"][function.lower()]["variables"]}
    given = set(_set_variables(template, function))
    assert given <= read, f"{function} does not read {given - read}"
    assert read - given <= set(UNSET), f"the template does not set {read - given - set(UNSET)}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_parameters_have_the_defaults_of_the_code(template, contract, function):
    """`!Ref Parameter` and `!If [Condition, !Ref Parameter, no value]` without parameters leave the code's default."""
    variables = contract["functions"][function.lower()]["variables"]
    if not all("default" in variable for variable in variables):
        pytest.skip("the contract has no defaults: the cargo example `contract` is missing")
    defaults = {variable["name"]: variable["default"] for variable in variables}
    for name, value in _set_variables(template, function).items():
        if set(value) == {"Ref"}:
            assert str(template["Parameters"][value["Ref"]]["Default"]) == defaults[name], name
