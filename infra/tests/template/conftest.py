"""Fixtures of the tests that need no deployment."""

import pytest

import cloudformation
import contract as code_contract


@pytest.fixture(scope="session")
def template():
    """The template as SAM transforms it: plain CloudFormation. Tests that change it copy it first."""
    return cloudformation.transformed()


@pytest.fixture(scope="session")
def contract():
    """The variables, metrics and routes of the functions, see `contract.py`."""
    return code_contract.load()
