"""The packages as a program gets them: what their commands in shared/clients/README.md install, without the network."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

CLIENTS = Path(__file__).parents[2]
README = (CLIENTS / "README.md").read_text()
NODE_MODULES = CLIENTS.parents[1] / ".tools/clients/node/node_modules"


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        raise AssertionError(f"{command} failed:\n{result.stdout}\n{result.stderr}")
    return result.stdout


class PackageTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def copy(self, name):
        """The folder of a client, so that a build leaves nothing in the repository."""
        ignored = shutil.ignore_patterns("node_modules", "__pycache__", "build", "*.egg-info")
        return shutil.copytree(CLIENTS / name, self.folder / "source" / name, ignore=ignored, symlinks=True)

    def test_python_wheel_holds_the_package_and_its_types(self):
        self.assertIn("pip install './shared/clients/python[aws]'", README)
        source, wheels = self.copy("python"), self.folder / "wheels"
        options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
        run([sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", wheels, source])
        (wheel,) = wheels.iterdir()
        with zipfile.ZipFile(wheel) as archive:
            packed = {name for name in archive.namelist() if name.startswith("webex_token_broker/")}
            metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            self.assertIn('Requires-Dist: botocore>=1.31; extra == "aws"', archive.read(metadata).decode())
        files = {f"webex_token_broker/{path.name}" for path in (CLIENTS / "python/src/webex_token_broker").iterdir() if path.is_file()}
        self.assertEqual(packed, files)
        self.assertIn("webex_token_broker/py.typed", packed)
        # Without this repository and without a package besides: the standard library is enough for an identity token.
        program = f"import sys; sys.path.insert(0, {str(wheel)!r}); from webex_token_broker import Broker; print(Broker.__module__)"
        self.assertIn("webex_token_broker", run([sys.executable, "-I", "-S", "-c", program], cwd=self.folder))

    @unittest.skipUnless(shutil.which("npm") and NODE_MODULES.exists(), "npm or the Node client's packages are not installed")
    def test_npm_package_holds_the_code_and_its_types(self):
        self.assertIn("npm install --install-links ./shared/clients/node", README)
        source = self.copy("node")
        environment = os.environ | {"npm_config_cache": str(self.folder / "cache"), "npm_config_update_notifier": "false"}
        (packed,) = json.loads(run(["npm", "pack", "--json", "--offline"], cwd=source, env=environment))
        expected = {f"src/{path.name}" for path in (CLIENTS / "node/src").iterdir()} | {"package.json"}
        self.assertEqual({file["path"] for file in packed["files"]}, expected)
        # As in a program's own folder, with the dependencies beside it as npm puts them.
        modules = self.folder / "program/node_modules"
        modules.mkdir(parents=True)
        for dependency in NODE_MODULES.iterdir():
            (modules / dependency.name).symlink_to(dependency.resolve())
        run(["tar", "--extract", "--file", source / packed["filename"], "--directory", self.folder])
        (self.folder / "package").rename(modules / "webex-token-broker")
        program = "import { Broker } from 'webex-token-broker'; new Broker('https://vend.example'); console.log('works')"
        command = ["node", "--input-type=module", "--eval", program]
        self.assertEqual(run(command, cwd=self.folder / "program"), "works\n")

    @unittest.skipUnless(shutil.which("go"), "Go is not installed")
    def test_go_module_is_found_by_a_program(self):
        (line,) = [line for line in README.splitlines() if line.startswith("go mod edit")]
        program = self.folder / "program"
        program.mkdir()
        environment = os.environ | {
            "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "", "GO111MODULE": "on", "HOME": str(self.folder),
            "GOCACHE": os.environ.get("GOCACHE", str(Path.home() / ".cache/go-build")),
        }
        (program / "main.go").write_text(
            'package main\n\nimport "webex-token-broker.example/broker"\n\nfunc main() {\n'
            '\t_, err := broker.New("https://vend.example", broker.StaticToken("eyJ"), broker.Options{})\n'
            "\tif err != nil {\n\t\tpanic(err)\n\t}\n\tprintln(\"works\")\n}\n"
        )
        run(["go", "mod", "init", "program.example"], cwd=program, env=environment)
        run(["sh", "-c", line.replace("…/shared/clients", str(CLIENTS))], cwd=program, env=environment)
        run(["go", "run", "."], cwd=program, env=environment)
