"""The template of a release: infra/template.yaml, with the functions' code in a bucket.

It is JSON: CloudFormation does not take the aliases that the source has, and every tool reads JSON alike.
"""

import json
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parents[1] / "template.yaml"

PARAMETERS = {
    "ArtifactBucket": {
        "Type": "String",
        "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "Description": "Bucket, in the region of the stack, to which the files of the release were copied.",
    },
    "ArtifactPrefix": {
        "Type": "String",
        "Default": "webex-token-broker/",
        "AllowedPattern": "^([A-Za-z0-9!_.*'()/-]+/)?$",
        "Description": "Folder in ArtifactBucket that has a folder for each version.",
    },
    "CallerPolicyFile": {
        "Type": "String",
        "AllowedPattern": "^[A-Za-z0-9!_.*'()/-]+[.]zip$",
        "Description": "Zip with your callers.cedar in ArtifactPrefix, for CallerPolicy=callers.cedar. A changed policy "
                       "needs another name.",
    },
}


class _Loader(yaml.SafeLoader):
    """Reads the short forms of intrinsic functions, such as `!Ref`, as their long forms."""


def _intrinsic(loader, tag, node):
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if tag == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


def source():
    """The template that is not packaged, with intrinsic functions in their long forms."""
    return yaml.load(SOURCE.read_text(), _Loader)


def functions():
    """The names of the binaries that the template deploys."""
    found = {_binary(resource) for resource in source()["Resources"].values() if _is_function(resource)}
    return sorted(found)


def text(version):
    """The packaged template of a version."""
    template = source()
    policy = PARAMETERS["CallerPolicyFile"] | {"Default": f"{version}/callers.zip"}
    template["Parameters"] = PARAMETERS | {"CallerPolicyFile": policy} | template["Parameters"]
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    groups.insert(0, {"Label": {"default": "Release"}, "Parameters": list(PARAMETERS)})
    del template["Globals"]["Function"]["CodeUri"]
    for resource in template["Resources"].values():
        if _is_function(resource):
            # The version is in the text: a parameter would keep its old value when a newer template is deployed.
            file = f"{version}/{_binary(resource)}-${{Architecture}}.zip"
            resource["Properties"]["CodeUri"] = _object("${ArtifactPrefix}" + file)
            del resource["Metadata"]
    layer = template["Resources"]["CallerPolicyLayer"]
    layer["Properties"]["ContentUri"] = _object("${ArtifactPrefix}${CallerPolicyFile}")
    template["Outputs"]["Version"] = {"Description": "Version of webex-token-broker.", "Value": version}
    return json.dumps(template, indent=1, ensure_ascii=False) + "\n"


def _is_function(resource):
    return resource["Type"] == "AWS::Serverless::Function"


def _binary(function):
    return function["Metadata"]["BuildProperties"]["Binary"]


def _object(key):
    return {"Bucket": {"Ref": "ArtifactBucket"}, "Key": {"Fn::Sub": key}}
