"""Options and fixtures of the tests that deploy the template. `infra/test` passes the options."""

from pathlib import Path

import pytest

from local_account import LocalAccount


def pytest_addoption(parser):
    parser.addoption("--sam", help="the SAM CLI")
    parser.addoption("--simulator", help="the executable of the simulator's example `simulated_webex`")
    parser.addoption("--artifacts", type=Path, help="the output folder of `sam build`, or of infra/package")
    parser.addoption("--wtb", help="the operators' command line")
    parser.addoption("--aws-cli", type=Path, help="the AWS CLI")
    parser.addoption("--mutate", action="store_true", help="also remove each permission in turn")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--mutate"):
        return
    mutating = [item for item in items if item.get_closest_marker("mutate")]
    config.hook.pytest_deselected(items=mutating)
    items[:] = [item for item in items if item not in mutating]


@pytest.fixture(scope="module")
def account(pytestconfig):
    """An emulated AWS account for the tests of one file."""
    account = LocalAccount(pytestconfig.getoption("--sam"), pytestconfig.getoption("--simulator"),
                           pytestconfig.getoption("--artifacts"), aws_cli=pytestconfig.getoption("--aws-cli"))
    yield account
    account.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds the end of the emulator's log to the report of a failed test."""
    report = yield
    account = item.funcargs.get("account")
    if report.failed and account:
        report.sections.append(("log of the emulator", account.log.read_text()[-6000:]))
    return report
