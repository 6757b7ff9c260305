"""The deployed broker, as Webex, callers and operators reach it."""

import json

from local_account import wait_for


class Broker:
    """Requests to one deployment. `caller` signs the requests to vend."""

    def __init__(self, account, caller):
        self.account, self.caller = account, caller
        outputs = account.outputs()
        self.webhook_url = outputs["WebhookBaseUrl"]
        self.vend_url = outputs["VendBaseUrl"].rstrip("/")
        schedule = account.client("scheduler").get_schedule(Name=outputs["ScheduleName"])
        self.sweep_input = schedule["Target"]["Input"]

    def set_up(self, app="reports"):
        """Describes the minter and one Service App, and imports the minter's pair. Returns the answer to the import."""
        webex = self.account.webex
        redirect_uri = "https://consent.example/callback"
        minter = webex("integration", owner="ada", redirect_uri=redirect_uri)
        self.account.put_secret("apps/minter", {"kind": "integration", "redirect_uri": redirect_uri, **minter})
        self.app, self.credentials = app, webex("service-app", owner="ada")
        self.account.put_secret(f"apps/{app}", {"kind": "service_app", **self.credentials})
        pair = webex("grant", client_id=minter["client_id"], user="ada")
        return self.account.invoke("refresher", {"import": {
            "app": "minter", "subject": "default", "refresh_token": pair["refresh_token"]}})

    def sweep(self):
        """Sweeps with the input of the schedule and returns the report."""
        return self.account.invoke("refresher", json.loads(self.sweep_input))

    def send_event(self, command, org, forged=False):
        """Sends Webex's `authorize` or `deauthorize` event of an org. Returns the status of each registration's answer."""
        deliveries = self.account.webex(command, client_id=self.credentials["client_id"], org=org)["deliveries"]
        assert deliveries, "no webhook is registered for this event"
        statuses = []
        for delivery in deliveries:
            assert delivery["url"].startswith(self.webhook_url), delivery["url"]
            body = delivery["body"] + " " if forged else delivery["body"]
            status, _ = self.account.request("POST", delivery["url"], body, delivery["headers"])
            statuses.append(status)
        return statuses

    def vend(self, org, endpoint="token?min_ttl=0", method="GET", body=None, signed_by="the caller", **options):
        """Requests an endpoint of an org's grant. Returns the status and the body."""
        if signed_by == "the caller":
            signed_by = self.caller
        url = f"{self.vend_url}/v1/apps/{self.app}/grants/{org}/{endpoint}"
        return self.account.request(method, url, body, signed_by=signed_by, **options)

    def grant_states(self):
        """The state of each grant that vend lists, by subject."""
        url = f"{self.vend_url}/v1/apps/{self.app}/grants"
        status, answer = self.account.request("GET", url, signed_by=self.caller)
        assert status == 200, f"vend answers {status} {answer}"
        return {grant["subject"]: grant["state"] for grant in answer["grants"]}

    def grant(self, org):
        """The stored grant of an org; empty if there is none."""
        return self.account.secret(f"grants/{self.app}/{org}") or {}

    def wait_for_token(self, org, seconds=10):
        """The org's access token, as soon as vend has one."""
        def vended():
            status, answer = self.vend(org)
            return answer if status == 200 else None

        answer = wait_for(vended, seconds)
        assert answer, f"vend answers {self.vend(org)}"
        return answer["access_token"]
