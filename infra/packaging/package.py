"""Makes the files of a release. `infra/package` runs it and says what the options mean."""

import argparse
import hashlib
import os
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import bill_of_materials
import packaged_template

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="infra/package")
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "package")
    parser.add_argument("--binaries", type=Path, default=ROOT / "target" / "lambda")
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], default=ARCHITECTURE)
    parser.add_argument("--program", type=Path, action="append", default=[])
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--code", action="store_true")
    only.add_argument("--documents", action="store_true")
    return parser.parse_args()


def released_at():
    """The time of every file in a package: SOURCE_DATE_EPOCH, or the time of the commit."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        seconds = subprocess.check_output(["git", "-C", ROOT, "log", "-1", "--format=%ct"], text=True)
    return datetime.fromtimestamp(int(seconds), UTC)


def write_zip(path, name, content, mode, time):
    """A zip of one file. It is stored and not compressed: the bytes that zlib makes differ between its versions."""
    entry = zipfile.ZipInfo(name, time.timetuple()[:6])
    entry.create_system = 3  # Unix, whatever the machine: Lambda needs the mode
    entry.external_attr = (0o100000 | mode) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr(entry, content)


def write_code(options, time):
    """A zip for each function of the template, and for each program."""
    for function in packaged_template.functions():
        binary = options.binaries / function / "bootstrap"
        if not binary.is_file():
            sys.exit(f"infra/package: {binary} does not exist: run .ci/release first, or name the folder with --binaries")
        write_zip(options.out / f"{function}-{options.architecture}.zip", "bootstrap", binary.read_bytes(), 0o755, time)
    for program in options.program:
        name = f"{program.name}-{options.architecture}.zip"
        write_zip(options.out / name, program.name, program.read_bytes(), 0o755, time)


def write_documents(options, time):
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    policy = (ROOT / "infra" / "callers.cedar").read_bytes()
    write_zip(options.out / "callers.zip", "callers.cedar", policy, 0o644, time)
    (options.out / "template.json").write_text(packaged_template.text(version))
    (options.out / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    packages = bill_of_materials.linked_packages(packaged_template.functions())
    (options.out / "sbom.cdx.json").write_text(bill_of_materials.cyclonedx(packages, version, time))
    (options.out / "THIRD-PARTY-LICENSES.txt").write_text(bill_of_materials.licences(packages))
    write_checksums(options.out)


def write_checksums(folder):
    """SHA256SUMS over every other file, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def main():
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    time = released_at()
    if not options.documents:
        write_code(options, time)
    if not options.code:
        write_documents(options, time)
    print(options.out)


if __name__ == "__main__":
    main()
