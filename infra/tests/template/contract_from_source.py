"""The contract read from Rust source with regular expressions: only until the cargo example `contract` exists."""

import json
import re

from cloudformation import ROOT


def load():
    metrics, = ROOT.glob("shared/*/src/metrics.rs")
    source = metrics.read_text()
    variants = re.search(r"pub enum Metric \{(.*?)\n\}", source, re.S)[1]
    openapi = json.loads((ROOT / "functions" / "vend" / "openapi.json").read_text())
    routes = {
        "refresher": [],
        "webhook": [("POST", "/webhooks/{app}")],
        "vend": [(method.upper(), path) for path, methods in openapi["paths"].items() for method in methods],
        "consent": [("GET", "/"), ("GET", "/start"), ("GET", "/callback")],
    }
    return {
        "namespace": re.search(r'const NAMESPACE: &str = "(\w+)"', source)[1],
        "no_app": re.search(r'pub const NO_APP: &str = "(.*?)"', source)[1],
        "metrics": [{"name": name} for name in re.findall(r"^    (\w+),$", variants, re.M)],
        "functions": {
            name: {
                "variables": [{"name": variable} for variable in sorted(_variables(name))],
                "routes": [{"method": method, "path": path} for method, path in paths],
            }
            for name, paths in routes.items()
        },
    }


def _variables(function):
    reader, = ROOT.glob("shared/*/src/config/reader.rs")
    shared = dict(re.findall(r'pub fn (\w+)\(&mut self\).*?"([A-Z_0-9]+)"', reader.read_text(), re.S))
    settings = (ROOT / "functions" / function / "src" / "settings.rs").read_text()
    own = set(re.findall(r'"([A-Z][A-Z_0-9]{4,})"', settings))
    return own | {shared[call] for call in re.findall(r"env\.(\w+)\(\)", settings) if call in shared}
