"""The variables, metrics and routes of the functions, as the code itself prints them.

The cargo example `contract` prints one JSON object:

    {
      "namespace": "WebexTokenBroker",
      "no_app": "(none)",
      "metrics": [{"name": "Renewed", "unit": "Count"}],
      "functions": {
        "webhook": {
          "variables": [{"name": "CACHE_TTL", "default": "60"}, {"name": "CALLER_POLICY", "default": null}],
          "routes": [{"method": "POST", "path": "/webhooks/{app}"}]
        }
      }
    }

`functions` has the four programs. `default` is the text that an unset variable stands for, null if there is none.
`no_app` is the value of the dimension `app` of a metric that belongs to no app.
"""

import json
import subprocess

from cloudformation import ROOT


def load():
    example, = ROOT.glob("*/*/examples/contract.rs")
    package = example.parents[1].name
    command = ["cargo", "run", "--quiet", "--locked", "--package", package, "--example", "contract"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)
