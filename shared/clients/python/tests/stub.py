"""Stub servers for vend and Webex, and a clock that moves by hand."""

import hashlib
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ManualClock:
    def __init__(self):
        self.now = 1_000_000

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


class Gate:
    """Holds an answer until `wanted` callers wait for a lock."""

    def __init__(self):
        self._changed = threading.Condition()
        self._waiting = 0
        self.wanted = 0

    def arrive(self):
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()

    def wait(self):
        with self._changed:
            assert self._changed.wait_for(lambda: self._waiting >= self.wanted, timeout=20), "the callers do not wait"


class GatedLock:
    """A lock that tells the gate who comes to it."""

    def __init__(self, lock, gate):
        self._lock = lock
        self._gate = gate

    def __enter__(self):
        self._gate.arrive()
        self._lock.acquire()

    def __exit__(self, *_):
        self._lock.release()


class Stubs:
    """vend and Webex, with one list of the requests that they saw."""

    def __init__(self):
        self.answers = {"broker": deque(), "webex": deque()}
        self.seen = []
        self.tokens = {}
        self.gate = Gate()
        self._servers = {name: self._start(name) for name in self.answers}

    def port(self, name):
        return self._servers[name].server_port

    def stop(self):
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _start(self, name):
        stubs = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                stubs.handle(name, self)

            do_POST = do_PATCH = do_GET

            def log_message(self, *_):
                pass

        server = _QuietServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def handle(self, name, handler):
        body = _read_body(handler)
        describe = self._describe_vend if name == "broker" else self._describe_webex
        self.seen.append(describe(handler, body))
        if name == "broker":
            self.gate.wait()
        answer = self.answers[name].popleft() if self.answers[name] else {"status": 599, "body": "no answer is queued"}
        if answer == "close":
            handler.close_connection = True
            handler.connection.shutdown(2)
            return
        status, headers, text = self._compose(answer)
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _describe_vend(self, handler, body):
        line = f"{handler.command} {handler.path}"
        if handler.headers.get("Authorization") != "Bearer identity":
            line += " without the identity"
        if body:
            line += f" of {self.tokens[json.loads(body)['access_token_sha256']]}"
        return line

    def _describe_webex(self, handler, body):
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        line = f"webex {handler.command} {handler.path} " + (f"with {token}" if token else "without a token")
        return f"{line}: {body.decode()}" if body else line

    def _compose(self, answer):
        headers = dict(answer.get("headers", {}))
        if "token" in answer:
            token = answer["token"]
            self.tokens[hashlib.sha256(token.encode()).hexdigest()] = token
            return 200, headers, json.dumps({"access_token": token, "expires_in": answer["expires_in"], "more": 1}).encode()
        if "problem" in answer:
            document = {"type": "urn:webex-token-broker:problem:test", "title": "t", "status": answer["problem"]}
            document |= {key: answer[key] for key in ("detail", "tracking_id") if key in answer}
            if "retry_after" in answer:
                headers["Retry-After"] = str(answer["retry_after"])
            return answer["problem"], headers, json.dumps(document).encode()
        headers = {key: value.replace("WEBEX_PORT", str(self.port("webex"))) for key, value in headers.items()}
        return answer["status"], headers, answer["body"].encode()


def _read_body(handler):
    if handler.headers.get("Transfer-Encoding") != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    body = b""
    while size := int(handler.rfile.readline(), 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body
