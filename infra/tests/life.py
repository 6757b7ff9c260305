"""What happens to one org, from its authorisation to its return, through the deployed functions only.

Each step is a name, so that whatever is missing in a role shows as the step that it stops.
"""

import hashlib
import json
from contextlib import contextmanager

from world import until


class Failed(AssertionError):
    """A step that did not go as it must, by its name."""

    def __init__(self, step, why):
        super().__init__(f"{step}: {why}")
        self.step = step


@contextmanager
def step(name, told=lambda name: None):
    try:
        yield
    except Failed:
        raise
    except Exception as error:
        raise Failed(name, str(error) or type(error).__name__) from error
    told(name)


class Broker:
    """The deployment as the outside sees it."""

    def __init__(self, world, caller):
        self.world, self.caller = world, caller
        outputs = world.outputs()
        self.webhook_url, self.vend_url = outputs["WebhookBaseUrl"], outputs["VendBaseUrl"].rstrip("/")
        schedule = world.client("scheduler").get_schedule(Name=outputs["ScheduleName"])
        self.sweep_input = schedule["Target"]["Input"]

    def set_up(self, app="reports"):
        """What an operator does after the first deployment: the two apps, and the minter's pair."""
        webex = self.world.webex
        redirect_uri = "https://consent.example/callback"
        minter = webex("integration", owner="ada", redirect_uri=redirect_uri)
        self.world.put("apps/minter", {"kind": "integration", "redirect_uri": redirect_uri, **minter})
        self.app, self.credentials = app, webex("service-app", owner="ada")
        self.world.put(f"apps/{app}", {"kind": "service_app", **self.credentials})
        pair = webex("grant", client_id=minter["client_id"], user="ada")
        return self.world.invoke("refresher", {"import": {
            "app": "minter", "subject": "default", "refresh_token": pair["refresh_token"]}})

    def sweep(self):
        """A sweep with the input that the schedule has."""
        return self.world.invoke("refresher", json.loads(self.sweep_input))

    def tell(self, command, org, spoil=False):
        """Webex's event about an org, posted to where it is registered; the statuses answered."""
        deliveries = self.world.webex(command, client_id=self.credentials["client_id"], org=org)["deliveries"]
        assert deliveries, "nobody is registered for this event"
        assert all(delivery["url"].startswith(self.webhook_url) for delivery in deliveries), deliveries[0]["url"]
        return [self.world.request("POST", delivery["url"], delivery["body"] + " " * spoil, delivery["headers"])[0]
                for delivery in deliveries]

    def vend(self, org, what="token?min_ttl=0", method="GET", body=None, signed_by="the caller", **how):
        signed_by = self.caller if signed_by == "the caller" else signed_by
        url = f"{self.vend_url}/v1/apps/{self.app}/grants/{org}/{what}"
        return self.world.request(method, url, body, signed_by=signed_by, **how)

    def listed(self):
        status, answer = self.world.request("GET", f"{self.vend_url}/v1/apps/{self.app}/grants", signed_by=self.caller)
        assert status == 200, f"{status} {answer}"
        return {grant["subject"]: grant["state"] for grant in answer["grants"]}

    def grant(self, org):
        return self.world.stored(f"grants/{self.app}/{org}") or {}

    def vended(self, org, seconds=10):
        answer = until(lambda: (told := self.vend(org))[0] == 200 and told[1], seconds)
        assert answer, f"vend says {self.vend(org)}"
        return answer["access_token"]


def life(broker, told=lambda name: None, patience=10):
    """Lives it with a new org, and gives the org."""
    webex = broker.world.webex
    org = webex("org", name="customer")["id"]
    with step("a forged event is refused and a signed one is handed over", told):
        assert broker.tell("authorize", org, spoil=True) == [401]
        assert broker.tell("authorize", org) == [202]
    with step("the org's pair is minted and vended to a signed caller", told):
        token = broker.vended(org, patience)
        assert webex("alive", access_token=token)["alive"]
    with step("the org is on the list", told):
        assert broker.listed().get(org) == "active", broker.listed()
    with step("a rejected token is renewed at once", told):
        digest = hashlib.sha256(token.encode()).hexdigest()
        status, answer = broker.vend(org, "token/rejected", "POST", {"access_token_sha256": digest})
        assert status == 200 and answer["access_token"] != token, f"{status} {answer}"
    with step("a deauthorised org is vended nothing", told):
        assert broker.tell("deauthorize", org) == [202]
        assert until(lambda: broker.vend(org)[0] == 410, patience), f"vend says {broker.vend(org)}"
    with step("the next sweep retires it", told):
        report = broker.sweep()
        assert report["retired"] >= 1 and report["unreadable"] == 0, report
        assert until(lambda: not broker.grant(org), patience), "the secret still stands"
    with step("an org that comes back is restored", told):
        assert broker.tell("authorize", org) == [202]
        assert webex("alive", access_token=broker.vended(org, patience))["alive"]
    return org
