"""The template as SAM transforms it, and values as they would be in a deployment."""

import copy
import json
import os
import re
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

INFRA = Path(__file__).resolve().parent.parent
SOURCE = INFRA / "template.yaml"

# What pseudo parameters are in the checks that need plain values.
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "webex-token-broker",
    "AWS::NoValue": None,
}


class _NoManagedPolicies:
    """Roles are ours, so SAM has no managed policy to look up."""

    def load(self):
        return {}


def transformed():
    """Plain CloudFormation."""
    source = yaml_parse(SOURCE.read_text())
    source["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    source["Resources"]["CallerPolicyLayer"]["Properties"]["ContentUri"] = "s3://bucket/key"
    os.environ.setdefault("AWS_DEFAULT_REGION", PSEUDO["AWS::Region"])  # SAM wants one
    return json.loads(json.dumps(transform(source, {}, _NoManagedPolicies())))


class Values:
    """Intrinsic functions as CloudFormation would answer them, for one set of parameters."""

    def __init__(self, template, **parameters):
        self.template = template
        self.parameters = {name: given.get("Default") for name, given in template["Parameters"].items()} | parameters

    def condition(self, name):
        return self.of(self.template["Conditions"][name])

    def of(self, value):
        """`value` without intrinsics; what does not apply is gone."""
        if isinstance(value, list):
            return [item for item in map(self.of, value) if item is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), = value.items()
            answer = getattr(self, "_" + re.sub(r"\W", "", name).lower(), None)
            if answer and (name.startswith("Fn::") or name in ("Ref", "Condition")):
                return answer(argument)
        plain = {key: self.of(item) for key, item in value.items()}
        return {key: item for key, item in plain.items() if item is not None}

    def _ref(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        return self.parameters.get(name, f"ref-{name}")

    def _fngetatt(self, path):
        resource, attribute = path if isinstance(path, list) else path.split(".", 1)
        return self._arn(resource) if attribute == "Arn" else f"{resource}.{attribute}"

    def _arn(self, name):
        start = {"Function": "lambda", "LogGroup": "logs", "Queue": "sqs", "Role": "iam"}
        service = start[self.template["Resources"][name]["Type"].rsplit("::", 1)[1]]
        kind = {"lambda": f"function:{name}", "logs": f"log-group:{name}:*", "sqs": name, "iam": f"role/{name}"}[service]
        return f"arn:aws:{service}:eu-central-1:111122223333:{kind}"

    def _fnsub(self, argument):
        text, names = (argument, {}) if isinstance(argument, str) else argument
        found = lambda match: str(self.of(names[match[1]]) if match[1] in names else self._named(match[1]))
        return re.sub(r"\$\{([^!}]+)\}", found, text).replace("${!", "${")

    def _named(self, name):
        return self._fngetatt(name) if "." in name else self._ref(name)

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

    def _fnfindinmap(self, path):
        mapping, key, name = map(self.of, path)
        return self.template["Mappings"][mapping][key][name]

    def _fnselect(self, argument):
        return self.of(argument[1])[int(argument[0])]

    def _fnsplit(self, argument):
        return self.of(argument[1]).split(argument[0])


def resources(template, kind):
    """Name and properties of the resources of one kind."""
    wanted = f"AWS::{kind}"
    return {name: it.get("Properties", {}) for name, it in template["Resources"].items() if it["Type"] == wanted}


def changed(template):
    """A copy to spoil."""
    return copy.deepcopy(template)
