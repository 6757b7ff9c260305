"""The crates that the functions of a release are made of, with their licences.

From `cargo metadata --locked`: what is compiled for Linux on either processor, and proc macros and build scripts with it.
"""

import json
import re
import subprocess
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
LICENCE_FILE = re.compile(r"^(licen[cs]e|copying|notice|unlicense|copyright)", re.IGNORECASE)
# Of files in a crate that hold licences of code inside it, such as aws-lc-sys's C library.
NESTED = ["*", "*/LICENSE*", "*/NOTICE*"]


def linked_packages(functions):
    """The packages that the functions and their builds need, by id, and which need which."""
    packages, needs = {}, {}
    for target in TARGETS:
        command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
        metadata = json.loads(subprocess.check_output(command, cwd=ROOT))
        known = {package["id"]: package for package in metadata["packages"]}
        nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
        waiting = [id for id, package in known.items() if package["name"] in functions and package["source"] is None]
        seen = set()
        while waiting:
            id = waiting.pop()
            if id in seen:
                continue
            seen.add(id)
            wanted = {dep["pkg"] for dep in nodes[id]["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])}
            packages[id] = known[id]
            needs.setdefault(id, set()).update(wanted)
            waiting.extend(wanted)
    ordered = sorted(packages.values(), key=lambda package: (package["name"], package["version"]))
    return [package | {"needs": sorted(_purl(packages[id]) for id in needs[package["id"]])} for package in ordered]


def cyclonedx(packages, version, time):
    """A bill of materials in CycloneDX 1.6. Its serial number follows from the version and what is in it."""
    components = [_component(package) for package in packages]
    identity = json.dumps([version, components], sort_keys=True)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, identity)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": "webex-token-broker", "name": "webex-token-broker",
                          "version": version, "licenses": [{"expression": "Apache-2.0"}]},
        },
        "components": components,
        "dependencies": [{"ref": _purl(package), "dependsOn": package["needs"]} for package in packages],
    }
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def _component(package):
    component = {"type": "library", "bom-ref": _purl(package), "name": package["name"], "version": package["version"],
                 "purl": _purl(package)}
    if expression := _expression(package):
        component["licenses"] = [{"expression": expression}]
    if package["repository"]:
        component["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return component


def licences(packages):
    """The licences of the crates of others. A text that several crates have is written once, below their names."""
    theirs = [package for package in packages if package["source"] is not None]
    texts = {}
    for package in theirs:
        files = _licence_files(Path(package["manifest_path"]).parent)
        found = [file.read_text(errors="replace").strip() for file in files]
        for text in found or ["The crate holds no text of its licence."]:
            texts.setdefault(text, set()).add(f"{package['name']} {package['version']}")
    lines = ["webex-token-broker contains these crates:\n"]
    lines += [f"  {package['name']} {package['version']}: {_expression(package) or 'see its text'}" for package in theirs]
    for text, names in sorted(texts.items(), key=lambda item: sorted(item[1])):
        lines += ["", "-" * 80, *sorted(names), "-" * 80, "", text]
    return "\n".join(lines) + "\n"


def _licence_files(folder):
    found = {path for pattern in NESTED for path in folder.glob(pattern) if path.is_file() and LICENCE_FILE.match(path.name)}
    return sorted(found)


def _expression(package):
    """The licence as SPDX writes it. Old crates separate alternatives by a slash."""
    licence = package["license"]
    return licence.replace("/", " OR ").replace("  ", " ") if licence else None


def _purl(package):
    return f"pkg:cargo/{package['name']}@{package['version'].replace('+', '%2B')}"
