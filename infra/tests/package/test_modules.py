"""The Terraform module and the examples in infra/README.md, against the packaged template that they deploy.

`terraform validate` needs the AWS provider, which only Terraform's registry has. So the arguments are compared with those
that the provider documents, and everything that names a part of the template with the template.
"""

import json
import re
import subprocess
from pathlib import Path

import hcl2
import pytest

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "infra/README.md").read_text()

# Of version 6 of the provider, and Terraform's own `for_each` and `depends_on`.
ARGUMENTS = {
    "aws_s3_object": {"for_each", "bucket", "key", "source", "source_hash"},
    "aws_cloudformation_stack": {"name", "template_url", "parameters", "capabilities", "tags", "depends_on"},
}
ATTRIBUTES = {"aws_s3_object": {"key"}, "aws_cloudformation_stack": {"outputs"}, "aws_region": {"region"},
              "aws_partition": {"dns_suffix"}}


def _parse(text):
    """The blocks of a Terraform file by kind, without the quotation marks around what Terraform takes literally."""
    return _plain(hcl2.loads(text))


def _plain(value):
    if isinstance(value, dict):
        return {_plain(name): _plain(part) for name, part in value.items() if name not in ("__is_block__", "__comments__")}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.strip('"') if isinstance(value, str) else value


def _named(blocks):
    return {name: block for entry in blocks for name, block in entry.items()}


@pytest.fixture(scope="module")
def module():
    return _parse((ROOT / "infra/terraform/main.tf").read_text())


@pytest.fixture(scope="module")
def template_file(tmp_path_factory):
    out = tmp_path_factory.mktemp("documents")
    subprocess.run([ROOT / "infra/package", "--documents", "--out", out], check=True, capture_output=True)
    return out / "template.json"


@pytest.fixture(scope="module")
def template(template_file):
    return json.loads(template_file.read_text())


def _example(language):
    return re.search(rf"```{language}\n(.*?)```", README, re.DOTALL).group(1)


def test_module_uses_arguments_and_attributes_that_the_provider_documents(module):
    used = {kind: set(*map(dict.keys, named.values())) for entry in module["resource"] for kind, named in entry.items()}
    assert set(used) == set(ARGUMENTS)
    for kind, arguments in used.items():
        assert arguments <= ARGUMENTS[kind], kind
    text = (ROOT / "infra/terraform/main.tf").read_text()
    references = re.findall(r"\b(?:data\.)?(aws_\w+)\.\w+(?:\[[^]]*\])?\.(\w+)", text)
    assert {kind for kind, _ in references} == set(ATTRIBUTES)
    for kind, attribute in references:
        assert attribute in ATTRIBUTES[kind], f"{kind}.{attribute}"


def test_module_refers_to_what_it_declares(module):
    text = (ROOT / "infra/terraform/main.tf").read_text()
    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(_named(module["variable"]))
    assert set(re.findall(r"\blocal\.(\w+)", text)) <= {name for entry in module["locals"] for name in entry}
    declared = {f"{kind}.{name}" for entry in module["resource"] for kind, named in entry.items() for name in named}
    declared |= {f"data.{kind}.{name}" for entry in module["data"] for kind, named in entry.items() for name in named}
    assert set(re.findall(r"\b(?:data\.)?aws_\w+\.\w+", text)) == declared


def test_module_puts_the_files_where_the_template_looks_for_them(module, template):
    folder, = (entry["folder"] for entry in module["locals"])
    prefix, _, version = folder.partition("${local.template.")
    assert prefix == template["Parameters"]["ArtifactPrefix"]["Default"]
    value = template
    for name in version.removesuffix("}").split("."):
        value = value[name]
    code = template["Resources"]["Vend"]["Properties"]["CodeUri"]["Key"]["Fn::Sub"]
    assert code.startswith("${ArtifactPrefix}" + value + "/")
    files = _named(module["resource"])["aws_s3_object"]["file"]
    assert files["key"] == "${local.folder}/${each.value}" and "*.zip" in files["for_each"]


def test_module_gives_the_parameters_and_capabilities_of_the_documented_command(module, template):
    stack = _named(module["resource"])["aws_cloudformation_stack"]["broker"]
    name, = re.findall(r"merge\(var\.parameters, \{(\w+) = var\.artifact_bucket\}\)", stack["parameters"])
    assert name in template["Parameters"]
    required = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
    assert required <= {name, "CallerPolicyFile"}, "a parameter without a default is not in the example"
    command = re.search(r"<!-- deploy-release -->(.*?)<!-- /deploy-release -->", README, re.DOTALL).group(1)
    assert stack["capabilities"] == re.search(r"--capabilities ([A-Z_ ]+)", command).group(1).split()


def test_template_is_within_the_size_that_cloudformation_reads_from_a_bucket(template_file):
    assert template_file.stat().st_size < 460_800


def test_terraform_example_gives_variables_of_the_module(module, template):
    example, = _parse(_example("hcl"))["module"]
    broker = example["broker"]
    assert (ROOT / broker.pop("source")).samefile(ROOT / "infra/terraform")
    variables = _named(module["variable"])
    assert set(broker) <= set(variables)
    assert {name for name, variable in variables.items() if "default" not in variable} <= set(broker)
    assert set(broker["parameters"]) <= set(template["Parameters"])
    output, = re.findall(r"module\.broker\.(\w+)\[\"(\w+)\"\]", _example("hcl"))
    assert output[0] in _named(module["output"]) and output[1] in template["Outputs"]


def test_cdk_example_names_parts_of_the_template(template):
    parameters = re.search(r"parameters: \{([^}]*)\}", _example("ts")).group(1)
    assert set(re.findall(r"(\w+):", parameters)) <= set(template["Parameters"])
    assert set(re.findall(r'output\("(\w+)"\)', _example("ts"))) <= set(template["Outputs"])
