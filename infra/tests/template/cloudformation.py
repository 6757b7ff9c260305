"""The template as SAM transforms it, and the values that its properties have in a deployment."""

import json
import os
import re
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

INFRA = Path(__file__).resolve().parents[2]
ROOT = INFRA.parent
SOURCE = INFRA / "template.yaml"

# Values of the pseudo parameters.
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "webex-token-broker",
    "AWS::NoValue": None,
}


class _NoManagedPolicies:
    """SAM looks up managed policies for roles that it generates; this template has none."""

    def load(self):
        return {}


def transformed():
    """The template as plain CloudFormation, which cfn-lint and cfn-guard check more closely than SAM's resources."""
    source = yaml_parse(SOURCE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    source["Resources"]["CallerPolicyLayer"]["Properties"]["ContentUri"] = "s3://bucket/key"
    os.environ.setdefault("AWS_DEFAULT_REGION", PSEUDO["AWS::Region"])  # the transformation fails without one
    return json.loads(json.dumps(transform(source, {}, _NoManagedPolicies())))


class Values:
    """Evaluates intrinsic functions for one set of parameters, as CloudFormation does."""

    def __init__(self, template, **parameters):
        self.template = template
        self.parameters = {name: given.get("Default") for name, given in template["Parameters"].items()} | parameters

    def condition(self, name):
        return self.of(self.template["Conditions"][name])

    def of(self, value):
        """`value` with its intrinsic functions evaluated. Properties whose value is `AWS::NoValue` are left out."""
        if isinstance(value, list):
            return [item for item in map(self.of, value) if item is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), = value.items()
            evaluate = getattr(self, "_" + re.sub(r"\W", "", name).lower(), None)
            if evaluate and (name.startswith("Fn::") or name in ("Ref", "Condition")):
                return evaluate(argument)
        plain = {key: self.of(item) for key, item in value.items()}
        return {key: item for key, item in plain.items() if item is not None}

    def _ref(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        resource = self.template["Resources"].get(name, {})
        if resource.get("Type") == "AWS::Lambda::Alias":
            properties = resource["Properties"]
            return f"{self._arn(properties['FunctionName']['Ref'])}:{properties['Name']}"
        return self.parameters.get(name, f"ref-{name}")

    def _fngetatt(self, path):
        resource, attribute = path if isinstance(path, list) else path.split(".", 1)
        return self._arn(resource) if attribute == "Arn" else f"{resource}.{attribute}"

    def _arn(self, name):
        kind = self.template["Resources"][name]["Type"].rsplit("::", 1)[1]
        service, resource = {
            "Function": ("lambda", f"function:{name}"),
            "LogGroup": ("logs", f"log-group:{name}:*"),
            "Queue": ("sqs", name),
            "Topic": ("sns", name),
            "Rule": ("events", f"rule/{name}"),
            "ApiDestination": ("events", f"api-destination/{name}"),
            "Connection": ("events", f"connection/{name}"),
            "Role": ("iam", f"role/{name}"),
        }[kind]
        return f"arn:aws:{service}:eu-central-1:111122223333:{resource}"

    def _fnsub(self, argument):
        text, names = (argument, {}) if isinstance(argument, str) else argument

        def substitute(match):
            name = match[1]
            if name in names:
                return str(self.of(names[name]))
            return str(self._fngetatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", substitute, text).replace("${!", "${")

    def _fnif(self, argument):
        condition, then, otherwise = argument
        return self.of(then if self.condition(condition) else otherwise)

    def _condition(self, name):
        return self.condition(name)

    def _fnequals(self, pair):
        return self.of(pair[0]) == self.of(pair[1])

    def _fnnot(self, argument):
        return not self.of(argument[0])

    def _fnand(self, arguments):
        return all(map(self.of, arguments))

    def _fnor(self, arguments):
        return any(map(self.of, arguments))

    def _fnfindinmap(self, path):
        mapping, key, name = map(self.of, path)
        return self.template["Mappings"][mapping][key][name]

    def _fnjoin(self, argument):
        parts = self.of(argument[1])
        return argument[0].join([parts] if isinstance(parts, str) else parts)

    def _fnselect(self, argument):
        return self.of(argument[1])[int(argument[0])]

    def _fnsplit(self, argument):
        return self.of(argument[1]).split(argument[0])


def resources(template, kind):
    """The properties of the resources of one kind (`Lambda::Function`), by logical name."""
    return {name: resource.get("Properties", {}) for name, resource in template["Resources"].items()
            if resource["Type"] == f"AWS::{kind}"}
