"""Alarms and the dashboard use metrics that the functions emit, in their namespace and with their dimensions."""

import json
import re

import pytest

from cloudformation import PSEUDO, Values, resources

STACK = PSEUDO["AWS::StackName"]

# The end of a query for the metrics of this stack.
OF_THIS_STACK = f"WHERE stack = '{STACK}'"


@pytest.fixture
def alarms(template):
    return resources(template, "CloudWatch::Alarm")


@pytest.fixture
def emitted(contract):
    return {metric["name"] for metric in contract["metrics"]}


def test_alarms_use_metrics_that_the_functions_emit(template, alarms, contract, emitted):
    namespace = contract["namespace"]
    used = {alarm["MetricName"] for alarm in alarms.values() if alarm.get("Namespace") == namespace}
    values = Values(template)
    queries = [values.of(query).get("Expression", "") for alarm in alarms.values() for query in alarm.get("Metrics", [])
               if "Expression" in query]
    for query in queries:
        used |= set(re.findall(rf'SELECT \w+\((\w+)\) FROM SCHEMA\("{namespace}", app, stack\) {OF_THIS_STACK}$', query))
    assert len(used) >= 5
    assert used <= emitted


def test_dashboard_shows_exactly_the_metrics_that_the_functions_emit(template, contract, emitted):
    namespace = contract["namespace"]
    dashboard, = resources(template, "CloudWatch::Dashboard").values()
    body = json.loads(Values(template).of(dashboard["DashboardBody"]))
    shown = set()
    for widget in body["widgets"]:
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], dict):
                pattern = rf'SEARCH\(\'{{{namespace},app,stack}} MetricName="(\w+)" stack="{STACK}"\''
                shown |= set(re.findall(pattern, metric[0]["expression"]))
            elif metric[0] == namespace:
                shown.add(metric[1])
    assert shown == emitted


def test_alarms_use_the_dimensions_that_the_functions_emit(alarms, contract):
    for name, alarm in alarms.items():
        if alarm.get("Namespace") == contract["namespace"]:
            assert [dimension["Name"] for dimension in alarm["Dimensions"]] == ["app", "stack"], name
            assert alarm["Dimensions"][1]["Value"] == {"Ref": "AWS::StackName"}, name
    assert alarms["SweepMissing"]["Dimensions"][0]["Value"] == contract["no_app"]


def test_functions_with_metrics_know_the_stack(template):
    functions = resources(template, "Lambda::Function")
    del functions["Consent"]  # emits no metric
    for name, function in functions.items():
        assert function["Environment"]["Variables"]["METRICS_STACK"] == {"Ref": "AWS::StackName"}, name
