"""The files that infra/package makes, from binaries that are only bytes."""

import hashlib
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS = ["consent", "prober", "refresher", "vend", "webhook"]


def _package(binaries, out, *options, **environment):
    command = [ROOT / "infra/package", "--binaries", binaries, "--out", out, "--architecture", "arm64", *options]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)


@pytest.fixture(scope="module")
def binaries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("binaries")
    for function in FUNCTIONS:
        (folder / function).mkdir()
        (folder / function / "bootstrap").write_text(f"the program {function}")
    return folder


@pytest.fixture(scope="module")
def package(binaries, tmp_path_factory):
    out = tmp_path_factory.mktemp("package")
    _package(binaries, out)
    return out


@pytest.fixture(scope="module")
def template(package):
    return json.loads((package / "template.json").read_text())


def test_two_packages_of_the_same_binaries_are_the_same_bytes(binaries, package, tmp_path):
    for function in FUNCTIONS:  # the times and modes of the files must not matter
        os.utime(binaries / function / "bootstrap", (1_000_000_000, 1_000_000_000))
        (binaries / function / "bootstrap").chmod(0o600)
    _package(binaries, tmp_path, TZ="Asia/Tokyo")
    assert (tmp_path / "SHA256SUMS").read_text() == (package / "SHA256SUMS").read_text()


def test_checksums_cover_every_file(package):
    lines = [line.split("  ") for line in (package / "SHA256SUMS").read_text().splitlines()]
    assert [name for _, name in lines] == sorted(path.name for path in package.iterdir() if path.name != "SHA256SUMS")
    for checksum, name in lines:
        assert hashlib.sha256((package / name).read_bytes()).hexdigest() == checksum, name


def test_time_of_a_file_is_source_date_epoch(binaries, tmp_path):
    _package(binaries, tmp_path, "--code", SOURCE_DATE_EPOCH="1700000000")
    entry, = zipfile.ZipFile(tmp_path / "vend-arm64.zip").infolist()
    assert entry.date_time == (2023, 11, 14, 22, 13, 20)


def test_zip_holds_an_executable_bootstrap(package):
    for function in FUNCTIONS:
        entry, = zipfile.ZipFile(package / f"{function}-arm64.zip").infolist()
        assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o100755), function


def test_missing_binary_fails_and_is_named(tmp_path):
    command = [ROOT / "infra/package", "--binaries", tmp_path, "--out", tmp_path / "out"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1 and f"{tmp_path}/consent/bootstrap does not exist" in ran.stderr


def test_template_names_a_file_of_the_package_for_each_function(package, template):
    found = set()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            assert resource["Properties"]["CodeUri"]["Bucket"] == {"Ref": "ArtifactBucket"}
            key = resource["Properties"]["CodeUri"]["Key"]["Fn::Sub"]
            folder, _, file = key.removeprefix("${ArtifactPrefix}").partition("/")
            assert folder == template["Outputs"]["Version"]["Value"]
            found.add(file.replace("${Architecture}", "arm64"))
    assert found == {f"{function}-arm64.zip" for function in FUNCTIONS}
    assert all((package / file).exists() for file in found)


def test_template_differs_from_the_source_in_the_code_only(template):
    source = (ROOT / "infra/template.yaml").read_text()
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda loader, tag, node: None)
    plain = yaml.load(source, loader)
    assert set(template["Resources"]) == set(plain["Resources"])
    added = set(template["Parameters"]) - set(plain["Parameters"])
    assert added == {"ArtifactBucket", "ArtifactPrefix", "CallerPolicyFile"}
    assert set(template["Outputs"]) - set(plain["Outputs"]) == {"Version"}
    assert not any(resource.get("Metadata", {}).get("BuildMethod") for resource in template["Resources"].values())


def test_bill_of_materials_is_valid_cyclonedx(package):
    text = (package / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    names = {component["name"] for component in bill["components"]}
    assert {"vend", "broker-core", "rustls", "aws-lc-sys"} <= names
    assert not {"simulator", "wiremock", "proptest", "windows-sys"} & names, "tests or another platform"


def test_each_component_is_listed_with_its_licence(package):
    bill = json.loads((package / "sbom.cdx.json").read_text())
    licences = (package / "THIRD-PARTY-LICENSES.txt").read_text()
    for component in bill["components"]:
        assert component["licenses"], component["name"]
        if "externalReferences" in component:
            assert f"  {component['name']} {component['version']}: " in licences
    assert str(Path.home()) not in licences
