"""Tests of the template that need no deployment: `infra/check` runs them."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from parliament import analyze_policy_string

from bad_templates import BAD
from pinned import PINNED
from policies import documents
from roles import TEMPLATE, Roles, Spoilt  # unittest finds the tests of this module, and these with them
from spoilt import greedy
from template import INFRA, SOURCE, Values, changed, resources

GUARD, RULES = Path(sys.argv.pop()), INFRA / "guard" / "bundle.guard"
METRICS_RS = INFRA.parent / "shared" / "edge" / "src" / "metrics.rs"


class Policies(unittest.TestCase):
    # What parliament says, where, and why it is fine.
    FINE = [
        ("UNKNOWN_CONDITION_FOR_ACTION", "lambda:InvokedViaFunctionUrl", "newer (October 2025) than parliament's data"),
    ]

    def fine(self, found):
        return any(found.issue == issue and where in str(found) for issue, where, _ in self.FINE)

    def test_parliament_finds_nothing(self):
        everything = list(documents(TEMPLATE)) + [
            (name, Values(TEMPLATE, Entrance=entrance).of(properties["PolicyDocument"]))
            for name, properties in resources(TEMPLATE, "IAM::ManagedPolicy").items()
            for entrance in ("function-urls", "http-api")
        ]
        for name, document in everything:
            findings = analyze_policy_string(json.dumps(document)).findings
            self.assertEqual([], [str(found) for found in findings if not self.fine(found)], name)


class Lint(unittest.TestCase):
    def test_cfn_lint_finds_nothing_in_what_sam_makes_of_it(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as plain:
            json.dump(TEMPLATE, plain)
            plain.flush()
            command = [Path(sys.executable).parent / "cfn-lint", "--regions", "eu-central-1", "us-east-1", "--", plain.name]
            linted = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(0, linted.returncode, linted.stdout + linted.stderr)

    def test_no_suppression_lacks_a_reason(self):
        lines = SOURCE.read_text().splitlines()
        for at, line in enumerate(lines):
            if "ignore_checks" in line:
                self.assertRegex(lines[at - 1] + line, "# .{20,}", f"line {at + 1}")
            if re.search(r" (AuthType|AuthorizationType): NONE", line):
                above = [text for text in lines[max(0, at - 9):at] if text.startswith("  # guard: ")]
                self.assertTrue(above, f"line {at + 1} opens a door and does not say why")


class Guard(unittest.TestCase):
    def verdict(self, template):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as plain:
            json.dump(template, plain)
            plain.flush()
            command = [GUARD, "validate", "--rules", RULES, "--data", plain.name, "--show-summary", "none",
                       "--output-format", "json", "--structured"]
            run = subprocess.run(command, capture_output=True, text=True)
        self.assertIn(run.returncode, (0, 19), run.stderr)
        report, = json.loads(run.stdout)
        return {rule["Rule"]["name"] for rule in report["not_compliant"]}

    def test_the_template_keeps_our_rules(self):
        self.assertEqual(set(), self.verdict(TEMPLATE))

    def test_each_rule_can_fail(self):
        rules = set(re.findall(r"^rule (\w+)", RULES.read_text(), re.M))
        self.assertEqual(rules, set(BAD), "a rule without a template that breaks it, or the other way round")
        for rule, spoil in BAD.items():
            spoilt = changed(TEMPLATE)
            spoil(spoilt["Resources"])
            self.assertEqual({rule}, self.verdict(spoilt), rule)

    def test_a_wildcard_is_seen_in_every_role(self):
        for role in PINNED:
            for action in ("secretsmanager:*", ["secretsmanager:ListSecrets", "secretsmanager:*"]):
                self.assertEqual({"no_wildcard_action"}, self.verdict(greedy(TEMPLATE, role, action)), role)


class Metrics(unittest.TestCase):
    """Names in alarms and on the dashboard are names that the code emits, with our namespace and our one dimension."""

    def setUp(self):
        source = METRICS_RS.read_text()
        variants = re.search(r"pub enum Metric \{(.*?)\n\}", source, re.S)[1]
        self.emitted = set(re.findall(r"^    (\w+),$", variants, re.M))
        self.namespace = re.search(r'const NAMESPACE: &str = "(\w+)"', source)[1]
        self.no_app = re.search(r'pub const NO_APP: &str = "(.*?)"', source)[1]
        self.alarms = resources(TEMPLATE, "CloudWatch::Alarm")

    def used(self):
        for alarm in self.alarms.values():
            if alarm.get("Namespace") == self.namespace:
                yield alarm["MetricName"]
            for query in alarm.get("Metrics", []):
                yield from re.findall(rf'SELECT \w+\((\w+)\) FROM SCHEMA\("{self.namespace}", app\)',
                                      query.get("Expression", ""))

    def dashboard(self):
        board, = resources(TEMPLATE, "CloudWatch::Dashboard").values()
        return json.loads(Values(TEMPLATE).of(board["DashboardBody"]))

    def test_alarms_watch_metrics_that_the_code_emits(self):
        used = set(self.used())
        self.assertGreaterEqual(len(used), 5)
        self.assertLessEqual(used, self.emitted)

    def test_the_dashboard_shows_every_metric_that_the_code_emits_and_no_other(self):
        shown = set()
        for widget in self.dashboard()["widgets"]:
            for metric in widget["properties"]["metrics"]:
                if isinstance(metric[0], dict):
                    shown |= set(re.findall(rf'SEARCH\(\'{{{self.namespace},app}} MetricName="(\w+)"',
                                            metric[0]["expression"]))
                elif metric[0] == self.namespace:
                    shown.add(metric[1])
        self.assertEqual(self.emitted, shown)

    def test_dimensions_are_those_that_the_code_emits(self):
        for name, alarm in self.alarms.items():
            if alarm.get("Namespace") == self.namespace:
                self.assertEqual(["app"], [dimension["Name"] for dimension in alarm["Dimensions"]], name)
        missing = self.alarms["SweepMissing"]["Dimensions"]
        self.assertEqual(self.no_app, missing[0]["Value"])

    def test_every_section_of_the_runbook_that_an_alarm_names_is_there(self):
        runbook = (INFRA / "RUNBOOK.md").read_text()
        for name, alarm in self.alarms.items():
            section = re.search(r'RUNBOOK.md, "(.*?)"', alarm["AlarmDescription"])[1]
            self.assertIn(f"\n## {section}\n", runbook, name)
            suffix = alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
            self.assertIn(f"`{suffix}`", runbook, f"the runbook does not name the alarm {suffix}")


class Settings(unittest.TestCase):
    def test_functions_are_told_only_what_their_code_reads(self):
        root = INFRA.parent
        known = root / "shared" / "edge" / "src" / "config" / "reader.rs"
        variables = dict(re.findall(r'pub fn (\w+)\(&mut self\).*?"([A-Z_0-9]+)"', known.read_text(), re.S))
        for name, properties in resources(TEMPLATE, "Lambda::Function").items():
            settings = (root / "functions" / name.lower() / "src" / "settings.rs")
            if not settings.exists():
                continue
            text = settings.read_text()
            read = {variables[call] for call in re.findall(r"env\.(\w+)\(\)", text) if call in variables}
            read |= set(re.findall(r'"([A-Z][A-Z_0-9]{4,})"', text))
            told = set(properties["Environment"]["Variables"])
            # WEBHOOK_URL comes with the schedule's input, CALLERS is for local runs, LAMBDA_TASK_ROOT is Lambda's own.
            self.assertLessEqual(told, read, name)
            self.assertLessEqual(read - told, {"WEBHOOK_URL", "CALLERS", "LAMBDA_TASK_ROOT"}, name)


if __name__ == "__main__":
    unittest.main(verbosity=1)
