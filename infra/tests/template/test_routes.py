"""The routes of the HTTP API lead every request to the function that answers it."""

import re

import pytest

from cloudformation import resources

FUNCTIONS = ["Webhook", "Vend", "Consent"]


def _api_routes(template):
    """Route keys and the function that each leads to; `$default` comes last, as API Gateway tries it."""
    integrations = resources(template, "ApiGatewayV2::Integration")
    routes = {}
    for route in resources(template, "ApiGatewayV2::Route").values():
        integration = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])[1]
        routes[route["RouteKey"]] = integrations[integration]["IntegrationUri"]["Fn::GetAtt"][0]
    return dict(sorted(routes.items(), key=lambda route: route[0] == "$default"))


def _function_for(routes, method, path):
    for key, function in routes.items():
        if key == "$default":
            return function
        key_method, key_path = key.split(" ")
        pattern = re.sub(r"\\\{\w+\\\+\\\}", ".+", re.escape(key_path))
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        if key_method in ("ANY", method) and re.fullmatch(pattern, path):
            return function
    return None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_api_leads_every_route_to_its_function(template, contract, function):
    routes = _api_routes(template)
    served = contract["functions"][function.lower()]["routes"]
    assert served
    for route in served:
        assert _function_for(routes, route["method"], route["path"]) == function, route


def test_refresher_has_no_route(template, contract):
    assert contract["functions"]["refresher"]["routes"] == []
    assert "Refresher" not in _api_routes(template).values()
