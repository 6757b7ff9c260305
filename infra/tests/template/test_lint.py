"""cfn-lint over the transformed template, and reasons for everything that is switched off or public."""

import json
import re
import subprocess
import sys
from pathlib import Path

from cloudformation import SOURCE


def test_cfn_lint_has_no_findings_in_the_transformed_template(template, tmp_path):
    plain = tmp_path / "template.json"
    plain.write_text(json.dumps(template))
    command = [Path(sys.executable).parent / "cfn-lint", "--regions", "eu-central-1", "us-east-1", "--", plain]
    linted = subprocess.run(command, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_suppression_and_public_address_states_its_reason():
    lines = SOURCE.read_text().splitlines()
    for number, line in enumerate(lines):
        if "ignore_checks" in line:
            assert re.search("# .{20,}", lines[number - 1] + line), f"line {number + 1} suppresses a check without a reason"
        if re.search(r" (AuthType|AuthorizationType): NONE", line):
            before = lines[max(0, number - 9):number]
            reasons = [text for text in before if text.startswith("  # guard: ")]
            assert reasons, f"line {number + 1} is public and no comment \"guard:\" gives the reason"
