"""The saved questions for CloudWatch Logs Insights use fields that the functions log."""

import re

import pytest

from cloudformation import ROOT, resources

# What every line has.
ON_EVERY_LINE = {"timestamp", "level", "message", "target"}

# Words of the query language that are no fields.
LANGUAGE = {"fields", "filter", "stats", "sort", "limit", "by", "as", "desc", "count", "count_distinct", "latest",
            "ispresent"}

QUERIES = {"StoryOfOneOrg", "FailuresByCode", "WhoVendedWhat", "SlowestVends"}


def _logged_fields():
    """The names of the fields in all log macros of the functions and of the crates that they share."""
    fields = set()
    for folder in ("functions", "shared"):
        for path in (ROOT / folder).glob("*/src/**/*.rs"):
            macros = re.findall(r"(?:info|warn|error|\$level)!\((.*?)\);?\n", path.read_text(), re.DOTALL)
            for arguments in macros:
                fields |= set(re.findall(r"(?:^|[\s(,])([a-z][a-z0-9_.]*)(?= = |,)", arguments))
    return fields


def _used_fields(query):
    text = re.sub(r'"[^"]*"', "", query)
    renamed = set(re.findall(r"\bas (\w+)", text))
    return set(re.findall(r"[a-z][a-z0-9_.]*", text)) - LANGUAGE - renamed


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_query_uses_fields_that_are_logged(template, name):
    query = resources(template, "Logs::QueryDefinition")[name]["QueryString"]
    used = _used_fields(query)
    assert len(used) >= 4, used
    assert used - ON_EVERY_LINE <= _logged_fields()


def test_every_query_has_a_test(template):
    assert set(resources(template, "Logs::QueryDefinition")) == QUERIES
