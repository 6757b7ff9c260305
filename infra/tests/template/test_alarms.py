"""Every alarm has a section of the runbook, which names the alarm."""

import re

from cloudformation import INFRA, resources


def test_runbook_has_the_section_that_each_alarm_names(template):
    runbook = (INFRA / "RUNBOOK.md").read_text()
    for name, alarm in resources(template, "CloudWatch::Alarm").items():
        section = re.search(r'RUNBOOK.md, "(.*?)"', alarm["AlarmDescription"])[1]
        assert f"\n## {section}\n" in runbook, f"{name}: RUNBOOK.md has no section \"{section}\""
        suffix = alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        assert f"`{suffix}`" in runbook, f"RUNBOOK.md does not name the alarm {suffix}"
