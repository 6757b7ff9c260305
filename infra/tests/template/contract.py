"""The variables, metrics and routes of the functions, as the code itself prints them.

The cargo example `contract` prints one JSON object:

    {
      "namespace": "WebexTokenBroker",
      "no_app": "(none)",
      "metrics": [{"name": "Renewed", "unit": "Count"}],
      "metric_line": {"_aws": {…}, "app": "(none)", "stack": "…", "Renewed": 0},
      "functions": {
        "webhook": {
          "variables": [{"name": "CACHE_TTL", "default": "60"}, {"name": "CALLER_POLICY", "default": null}],
          "routes": [{"method": "POST", "path": "/webhooks/{app}"}]
        }
      }
    }

`functions` has the four programs. `default` is the text that an unset variable stands for, null if there is none.
`no_app` is the value of the dimension `app` of a metric that belongs to no app. `metric_line` is a line of the embedded
metric format with every metric, as a function of a deployment prints it.
"""

import json
import subprocess

from cloudformation import ROOT


def load():
    # Of the whole workspace, so that the dependencies have the features with which `cargo t` compiles them.
    build = ["cargo", "build", "--quiet", "--locked", "--workspace", "--example", "contract", "--message-format", "json"]
    messages = map(json.loads, _output(build).splitlines())
    program, = [message["executable"] for message in messages
                if message.get("executable") and message["target"]["name"] == "contract"]
    return json.loads(_output([program]))


def _output(command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
