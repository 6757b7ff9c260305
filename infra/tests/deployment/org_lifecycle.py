"""One organisation from its first authorisation to its return, through the deployed functions only.

Each step is a method, so that a permission that is missing shows as the step that fails.
"""

import hashlib

from local_account import wait_for


class StepFailed(AssertionError):
    """A step failed; `step` is its name."""

    def __init__(self, step, reason):
        super().__init__(f"{step}: {reason}")
        self.step = step


class OrgLifecycle:
    """The steps, in their order. `patience` is the time in seconds that a result may take."""

    STEPS = [
        "forged_event_is_rejected_and_signed_one_accepted",
        "pair_is_minted_and_vended",
        "org_is_listed",
        "rejected_token_is_renewed",
        "deauthorised_org_gets_no_token",
        "sweep_retires_the_grant",
        "returning_org_gets_a_token",
    ]

    def __init__(self, broker, patience=10):
        self.broker, self.patience = broker, patience
        self.webex = broker.account.webex
        self.org = self.webex("org", name="customer")["id"]

    def run(self):
        """Runs every step; raises `StepFailed` at the first that fails."""
        for step in self.STEPS:
            try:
                getattr(self, step)()
            except Exception as error:
                raise StepFailed(step, error) from error

    def forged_event_is_rejected_and_signed_one_accepted(self):
        assert self.broker.send_event("authorize", self.org, forged=True) == [401]
        assert self.broker.send_event("authorize", self.org) == [202]

    def pair_is_minted_and_vended(self):
        token = self.broker.wait_for_token(self.org, self.patience)
        assert self.webex("alive", access_token=token)["alive"]

    def org_is_listed(self):
        assert self.broker.grant_states().get(self.org) == "active"

    def rejected_token_is_renewed(self):
        token = self.broker.wait_for_token(self.org, self.patience)
        self.webex("kill", access_token=token)
        digest = hashlib.sha256(token.encode()).hexdigest()
        status, answer = self.broker.vend(self.org, "token/rejected", "POST", {"access_token_sha256": digest})
        assert status == 200, f"vend answers {status} {answer}"
        assert answer["access_token"] != token

    def deauthorised_org_gets_no_token(self):
        assert self.broker.send_event("deauthorize", self.org) == [202]
        gone = wait_for(lambda: self.broker.vend(self.org)[0] == 410, self.patience)
        assert gone, f"vend answers {self.broker.vend(self.org)}"

    def sweep_retires_the_grant(self):
        report = self.broker.sweep()
        assert report["retired"] >= 1 and report["unreadable"] == 0, report
        assert wait_for(lambda: not self.broker.grant(self.org), self.patience), "the secret is not scheduled for deletion"

    def returning_org_gets_a_token(self):
        assert self.broker.send_event("authorize", self.org) == [202]
        assert self.webex("alive", access_token=self.broker.wait_for_token(self.org, self.patience))["alive"]
