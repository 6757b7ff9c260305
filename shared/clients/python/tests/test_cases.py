"""The table of cases that all clients share: shared/clients/cases.json."""

import asyncio
import json
import threading
import unittest
from pathlib import Path

import httpx
import requests
from stub import GatedLock, ManualClock, Stubs

from webex_token_broker import AddressError, Broker, IdentityError, Refused, UnexpectedAnswer, Unreachable
from webex_token_broker.httpx_auth import WebexAuth as HttpxAuth
from webex_token_broker.requests_auth import WebexAuth as RequestsAuth

CASES = json.loads((Path(__file__).parents[2] / "cases.json").read_text())["cases"]
KINDS = {
    "address": AddressError,
    "identity": IdentityError,
    "refused": Refused,
    "unexpected": UnexpectedAnswer,
    "unreachable": Unreachable,
}
WEBEX = ["127.0.0.1"]


def fail():
    raise OSError("no identity token here")


IDENTITIES = {"works": "identity", "fails": fail, "is empty": lambda: "\n"}


class Case:
    """One case of the table against the stubs, with one of the adapters for `fetch`."""

    def __init__(self, test, case, fetch):
        self._test = test
        self._case = case
        self._fetch = fetch
        self._tokens = {}
        self._clock = ManualClock()
        self._stubs = Stubs()
        test.addCleanup(self._stubs.stop)
        options = dict(case.get("client", {}))
        base = f"http://127.0.0.1:{self._stubs.port('broker')}{options.pop('base', '')}"
        identity = IDENTITIES[options.pop("identity", "works")]
        self._broker = Broker(base, identity_token=identity, clock=self._clock, sleep=self._clock.sleep, **options)

    def run(self):
        for number, step in enumerate(self._case["steps"]):
            with self._test.subTest(step=number):
                self._clock.now += step.get("advance", 0)
                if "do" in step:
                    self._run_step(step)

    def _run_step(self, step):
        self._stubs.seen.clear()
        for name, queue in self._stubs.answers.items():
            queue.extend(step.get(name, []))
        for result in self._results(step):
            self._check(result, step["gives"])
        self._test.assertEqual(self._stubs.seen, step["sees"])
        self._test.assertEqual(self._clock.now, step.get("clock", self._clock.now))

    def _results(self, step):
        if "concurrently" not in step:
            return [self._attempt(step) for _ in range(step.get("times", 1))]
        slot = self._broker._slot("reports", "acme")
        slot.lock, gate = GatedLock(slot.lock, self._stubs.gate), self._stubs.gate
        gate.wanted = step["concurrently"]
        results = []
        threads = [threading.Thread(target=lambda: results.append(self._attempt(step))) for _ in range(gate.wanted)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def _attempt(self, step):
        try:
            return self._do(step)
        except Exception as error:  # compared with what the table wants
            return error

    def _do(self, step):
        subject = step.get("subject", "acme")
        if step["do"] == "fetch":
            host = step.get("host", "127.0.0.1")
            url = f"http://{host}:{self._stubs.port('webex')}/v1/people/me"
            return {"status": self._fetch(self._broker, url, step.get("body"), step.get("stream"))}
        if step["do"] == "rejected":
            token = self._broker.rejected("reports", subject, self._tokens[step["of"]])
        else:
            token = self._broker.token("reports", subject, min_ttl=step.get("min_ttl"))
        self._tokens[token.value] = token
        self._test.assertNotIn(f"'{token.value}'", repr(token) + str(token))
        return {"token": token.value}

    def _check(self, result, wanted):
        wanted = dict(wanted)
        kind = wanted.pop("error", None)
        if kind is None:
            self._test.assertEqual(result, wanted)
            return
        self._test.assertIs(type(result), KINDS[kind], repr(result))
        self._test.assertEqual({key: getattr(result, key) for key in wanted}, wanted)


def chunks(text):
    yield text.encode()


def fetch_with_requests(broker, url, body, stream):
    with requests.Session() as session:
        session.auth = RequestsAuth(broker, "reports", "acme", hosts=WEBEX)
        data = chunks(stream) if stream else body
        return session.request("GET" if data is None else "POST", url, data=data).status_code


def fetch_with_httpx(broker, url, body, stream):
    with httpx.Client(auth=HttpxAuth(broker, "reports", "acme", hosts=WEBEX), follow_redirects=True) as client:
        content = chunks(stream) if stream else body
        return client.request("GET" if content is None else "POST", url, content=content).status_code


def fetch_with_async_httpx(broker, url, body, stream):
    async def achunks():
        yield stream.encode()

    async def fetch():
        auth = HttpxAuth(broker, "reports", "acme", hosts=WEBEX)
        async with httpx.AsyncClient(auth=auth, follow_redirects=True) as client:
            content = achunks() if stream else body
            return (await client.request("GET" if content is None else "POST", url, content=content)).status_code

    return asyncio.run(fetch())


ADAPTERS = {"requests": fetch_with_requests, "httpx": fetch_with_httpx, "async_httpx": fetch_with_async_httpx}


class TableTest(unittest.TestCase):
    """One test for each case, and for each adapter where the case calls Webex."""


def add_test(case, suffix, fetch):
    setattr(TableTest, f"test_{case['name']}{suffix}", lambda self: Case(self, case, fetch).run())


for case in CASES:
    if any(step.get("do") == "fetch" for step in case["steps"]):
        for name, fetch in ADAPTERS.items():
            add_test(case, f"_by_{name}", fetch)
    else:
        add_test(case, "", None)
