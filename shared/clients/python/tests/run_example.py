"""Runs an example as it stands, with WEBEX_API_BASE in the place of Webex: run_example.py FILE.

A file with a `handler` is imported and its handler is called for the org in ORG.
"""

import os
import runpy
import sys

import httpx
import requests

WEBEX = "https://webexapis.com/v1"
STAND_IN = os.environ["WEBEX_API_BASE"]


def moved(url):
    return STAND_IN + url[len(WEBEX) :] if url.startswith(WEBEX) else url


send_by_requests = requests.adapters.HTTPAdapter.send
send_by_httpx = httpx.HTTPTransport.handle_request


def send(self, request, *arguments, **options):
    sent = request.copy()
    sent.url = moved(sent.url)
    return send_by_requests(self, sent, *arguments, **options)


def handle_request(self, request):
    url = httpx.URL(moved(str(request.url)))
    sent = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
    sent.headers["Host"] = url.netloc.decode()
    return send_by_httpx(self, sent)


requests.adapters.HTTPAdapter.send = send
httpx.HTTPTransport.handle_request = handle_request
names = runpy.run_path(sys.argv[1], run_name="__main__")
if "handler" in names:
    print("ends", names["handler"]({"org": os.environ["ORG"]}, None)["expires_at"])
