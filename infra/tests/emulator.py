"""ministack with two gaps closed, so that the template can be deployed as it is.

- Events of Function URLs say who signed (`authorizer.iam`), as Lambda's do. ministack verifies the signature and the
  policy and then forgets the name: without this, vend could only be tested with everybody let in.
- Alarms over several metrics are made without them. ministack refuses the whole stack otherwise; infra/check holds their
  expressions against the metrics that the code emits.
"""

import re

# Position of `headers` in ministack's function; infra/requirements pins the version that this fits.
HEADERS = 5


def name_the_caller():
    from ministack.core.iam_evaluator import resolve_caller_identity
    from ministack.services import lambda_svc

    build = lambda_svc._build_function_url_event

    def build_with_caller(*args, **kwargs):
        event = build(*args, **kwargs)
        signed = re.search(r"Credential=([^/]+)/", args[HEADERS].get("authorization", ""))
        if signed and not kwargs.get("anonymous"):
            known = resolve_caller_identity(signed[1]) or {}
            event["requestContext"]["authorizer"] = {"iam": {
                "accessKey": signed[1], "accountId": event["requestContext"]["accountId"], "callerId": None,
                "cognitoIdentity": None, "principalOrgId": None, "userArn": known.get("userArn"), "userId": None,
            }}
        return event

    lambda_svc._build_function_url_event = build_with_caller


def take_alarms_over_several_metrics():
    from ministack.services.cloudformation import provisioners

    record = provisioners._cw_metric_alarm_record

    def record_without_metrics(name, properties):
        if properties.get("Metrics"):
            properties = {"MetricName": "several", "Namespace": "several"} | properties | {"Metrics": None}
        return record(name, properties)

    provisioners._cw_metric_alarm_record = record_without_metrics


if __name__ == "__main__":
    from ministack.app import main

    name_the_caller()
    take_alarms_over_several_metrics()
    main()
