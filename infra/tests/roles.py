"""Every permission of every role has a test of its own name, and proof that this test fails without the permission."""

import json
import re
import unittest

from pinned import ASSUMED_BY, PINNED
from policies import documents, permissions, surplus
from spoilt import deletions, greedy
from template import resources, transformed

TEMPLATE = transformed()


class Roles(unittest.TestCase):
    """`PINNED` is all that each role may, and each role may all of it."""

    template = TEMPLATE

    def test_there_are_no_other_roles(self):
        self.assertEqual(set(resources(self.template, "IAM::Role")), set(PINNED))

    def test_no_policy_comes_to_a_role_from_elsewhere(self):
        kinds = {it["Type"] for it in self.template["Resources"].values() if it["Type"].startswith("AWS::IAM::")}
        self.assertEqual({"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}, kinds)
        for name, properties in resources(self.template, "IAM::ManagedPolicy").items():
            self.assertNotIn("Roles", properties, name)

    def test_each_role_is_assumed_by_its_service_alone(self):
        for role, properties in resources(self.template, "IAM::Role").items():
            statement, = properties["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual({"Service": ASSUMED_BY[role]}, statement["Principal"], role)

    def test_without_a_key_and_without_traces_nothing_is_allowed_for_them(self):
        plain = " ".join(json.dumps(document) for _, document in documents(self.template, everything=False))
        self.assertNotRegex(plain, "kms:|xray:")

    def test_the_doors_cannot_write(self):
        for role in ("WebhookRole", "VendRole", "ConsentRole"):
            mine = {action for action, _ in permissions(self.template, role) if action.startswith("secretsmanager:")}
            self.assertLessEqual(mine, {f"secretsmanager:{name}" for name in
                                        ("GetSecretValue", "BatchGetSecretValue", "ListSecrets")}, role)


def named(role, permission):
    """The test of one permission."""
    action, place = permission
    return re.sub(r"\W+", "_", f"test_{role}_may_{action}_on_{place}").rstrip("_")


def _pin():
    """One test a permission, and one a role for everything else."""
    for role, pinned in PINNED.items():
        for permission in pinned:
            setattr(Roles, named(role, permission), lambda self, role=role, permission=permission: self.assertIn(
                permission, permissions(self.template, role)))
        setattr(Roles, f"test_{role}_may_nothing_else",
                lambda self, role=role: self.assertEqual([], surplus(self.template, role)))


_pin()


def failing(template):
    """The names of those tests above that fail for another template."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(type("Roles", (Roles,), {"template": template}))
    result = unittest.TestResult()
    suite.run(result)
    return {test.id().rsplit(".", 1)[1] for test, _ in result.failures + result.errors}


class Spoilt(unittest.TestCase):
    """The tests above, over templates from which something was really taken, or to which something was added."""

    def test_deleting_any_permission_fails_the_test_that_names_it_and_no_other(self):
        deleted = set()
        for role, permission, spoilt in deletions(TEMPLATE):
            self.assertEqual({named(role, permission)}, failing(spoilt))
            deleted.add((role, permission))
        self.assertEqual({(role, permission) for role, pinned in PINNED.items() for permission in pinned}, deleted)

    def test_adding_a_permission_to_any_role_fails_the_test_that_it_may_nothing_else(self):
        for role in PINNED:
            for action in ("secretsmanager:*", "*", "secretsmanager:DeleteResourcePolicy"):
                self.assertIn(f"test_{role}_may_nothing_else", failing(greedy(TEMPLATE, role, action)), action)
