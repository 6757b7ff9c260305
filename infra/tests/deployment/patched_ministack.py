"""Runs ministack with five gaps closed, so that the template can be deployed unchanged.

- Function URL events get the caller's identity (`authorizer.iam`), as Lambda's have it. ministack verifies signature and
  policy but leaves the identity out, and vend refuses a request without one.
- A failed asynchronous invocation of an alias goes to the destination of that alias, as Lambda's does. ministack sends
  it to the destination of the function.
- Alarms over several metrics are created without their metrics. ministack fails the whole stack otherwise. `infra/check`
  compares their expressions with the metrics that the functions emit.
- Conditions may split a parameter, as those of `CallerAccounts` do. ministack's know `Fn::Select` of a parameter alone.
- Stacks may have connections, API destinations and saved queries. ministack's EventBridge has the first two, but its
  CloudFormation does not; saved queries are not created at all.
"""

import json
import re

# Position of `headers` in the arguments of ministack's function, in the version that infra/requirements pins.
HEADERS = 5


def add_caller_identity():
    from ministack.core.iam_evaluator import resolve_caller_identity
    from ministack.services import lambda_svc

    build_event = lambda_svc._build_function_url_event

    def build_event_with_caller(*args, **kwargs):
        event = build_event(*args, **kwargs)
        signature = re.search(r"Credential=([^/]+)/", args[HEADERS].get("authorization", ""))
        if signature and not kwargs.get("anonymous"):
            access_key = signature[1]
            identity = resolve_caller_identity(access_key) or {}
            event["requestContext"]["authorizer"] = {"iam": {
                "accessKey": access_key, "accountId": event["requestContext"]["accountId"], "callerId": None,
                "cognitoIdentity": None, "principalOrgId": None, "userArn": identity.get("userArn"), "userId": None,
            }}
        return event

    lambda_svc._build_function_url_event = build_event_with_caller


def use_the_destination_of_the_alias():
    from ministack.services import lambda_svc

    invoke = lambda_svc.invoke_async_with_retry

    def invoke_alias(func, event):
        _, qualifier = lambda_svc._resolve_name_and_qualifier(func["config"]["FunctionArn"])
        if qualifier and qualifier != "$LATEST":
            settings = func.get("event_invoke_configs", {}).get(qualifier)
            func = func | {"event_invoke_config": settings, "event_invoke_configs": {}}
        return invoke(func, event)

    lambda_svc.invoke_async_with_retry = invoke_alias


def accept_alarms_over_several_metrics():
    from ministack.services.cloudformation import provisioners

    create_alarm = provisioners._cw_metric_alarm_record

    def create_alarm_without_metrics(name, properties):
        if properties.get("Metrics"):
            properties = {"MetricName": "several", "Namespace": "several"} | properties | {"Metrics": None}
        return create_alarm(name, properties)

    provisioners._cw_metric_alarm_record = create_alarm_without_metrics


def accept_split_parameters_in_conditions():
    from ministack.services.cloudformation import changesets, engine, handlers, stacks

    evaluate = engine._evaluate_conditions

    def evaluate_split(template, params):
        def split(value):
            if isinstance(value, list):
                return [split(item) for item in value]
            if not isinstance(value, dict):
                return value
            if "Fn::Split" in value:
                separator, text = value["Fn::Split"]
                return re.sub(r"\$\{(\w+)\}", lambda name: params[name[1]]["Value"], text["Fn::Sub"]).split(separator)
            return {key: split(item) for key, item in value.items()}

        return evaluate(template | {"Conditions": split(template.get("Conditions", {}))}, params)

    for module in (changesets, engine, handlers, stacks):
        module._evaluate_conditions = evaluate_split


def accept_api_destinations_and_saved_queries():
    from ministack.services import eventbridge
    from ministack.services.cloudformation import provisioners

    def handler(create, delete, arn):
        def create_resource(logical_id, properties, stack_name):
            name = properties.get("Name", f"{stack_name}-{logical_id}")
            status, _, body = create(properties | {"Name": name})
            if status != 200:
                raise ValueError(body)
            return name, {"Arn": json.loads(body)[arn]}

        return {"create": create_resource, "delete": lambda name, properties: delete({"Name": name})}

    provisioners._RESOURCE_HANDLERS |= {
        "AWS::Events::Connection": handler(eventbridge._create_connection, eventbridge._delete_connection,
                                           "ConnectionArn"),
        "AWS::Events::ApiDestination": handler(eventbridge._create_api_destination,
                                               eventbridge._delete_api_destination, "ApiDestinationArn"),
        "AWS::Logs::QueryDefinition": {
            "create": lambda logical_id, properties, stack_name: (f"{stack_name}-{logical_id}", {}),
            "delete": lambda name, properties: None,
        },
    }


if __name__ == "__main__":
    from ministack.app import main

    add_caller_identity()
    use_the_destination_of_the_alias()
    accept_alarms_over_several_metrics()
    accept_split_parameters_in_conditions()
    accept_api_destinations_and_saved_queries()
    main()
