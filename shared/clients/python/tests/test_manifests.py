"""The files for CI and Kubernetes: their schemas, and the script in the manifest between the stubs."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema
import yaml
from stub import Stubs

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "kubernetes"
AGENT = ROOT.parents[1] / "functions/agent/deploy"
CI_SCHEMAS = {
    "action.yml": "vendor.github-actions",
    "github-workflow.yml": "vendor.github-workflows",
    "gitlab.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
}


def manifests(name):
    return list(yaml.safe_load_all((KUBERNETES / name).read_text()))


def find(kind):
    return next(manifest for manifest in manifests("external-secret.yaml") if manifest["kind"] == kind)


class CiFileTest(unittest.TestCase):
    def test_files_keep_to_their_schemas(self):
        for name, schema in CI_SCHEMAS.items():
            with self.subTest(name):
                command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, ROOT / "ci" / name]
                result = subprocess.run(command, capture_output=True, text=True)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_action_gives_each_input_to_the_script_as_a_variable(self):
        action = yaml.safe_load((ROOT / "ci/action.yml").read_text())
        (step,) = action["runs"]["steps"]
        used = {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
        self.assertEqual(set(step["env"].values()), used)
        self.assertNotIn("${{", step["run"])
        for name in step["env"]:
            self.assertIn(f"${{{name}:", (ROOT / "ci/token").read_text())


class KubernetesTest(unittest.TestCase):
    def test_external_secrets_keep_to_the_operators_schemas(self):
        for kind in ("SecretStore", "ExternalSecret"):
            schema = json.loads((KUBERNETES / f"schemas/{kind.lower()}.json").read_text())
            jsonschema.validate(find(kind), schema)
            wrong = find(kind)
            wrong["spec"]["nonsense"] = 1
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(wrong, schema)

    def test_store_asks_for_what_outlives_two_refreshes(self):
        webhook = find("SecretStore")["spec"]["provider"]["webhook"]
        secret = find("ExternalSecret")["spec"]
        key = secret["data"][0]["remoteRef"]["key"]
        path, min_ttl = webhook["url"].replace("{{ .remoteRef.key }}", key).split("?min_ttl=")
        self.assertEqual(path, f"https://vend.example/v1/apps/reports/grants/{key}/token")
        self.assertEqual(secret["refreshInterval"], "1h0m0s")
        self.assertGreater(int(min_ttl), 2 * 3600)
        names = {entry["name"] for entry in webhook["secrets"]}
        self.assertEqual(webhook["headers"], {"Authorization": "Bearer {{ .identity.token }}"})
        self.assertEqual(names, {"identity"})

    def test_pod_and_job_have_tokens_for_vend(self):
        job = find("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        pod = next(m for m in manifests("pod.yaml") if m["kind"] == "Deployment")["spec"]["template"]["spec"]
        for spec in (job, pod):
            (volume,) = (volume for volume in spec["volumes"] if volume["name"] == "vend")
            (source,) = volume["projected"]["sources"]
            self.assertEqual(source["serviceAccountToken"]["audience"], "https://vend.example")

    def test_sidecar_shares_the_guard_file_and_nothing_else(self):
        (sidecar,) = yaml.safe_load_all(AGENT.joinpath("sidecar.yaml").read_text())
        pod = sidecar["spec"]["template"]["spec"]
        (agent,), (workload,) = pod["initContainers"], pod["containers"]
        guard = {variable["name"]: variable["value"] for variable in agent["env"]}["AGENT_GUARD_FILE"]
        self.assertEqual(agent["restartPolicy"], "Always")
        self.assertIn({"name": "AGENT_GUARD_FILE", "value": guard}, workload["env"])
        mount = {"name": "guard", "mountPath": str(Path(guard).parent)}
        self.assertIn(mount, agent["volumeMounts"])
        self.assertEqual(workload["volumeMounts"], [mount | {"readOnly": True}])
        self.assertIn("runAsUser", pod["securityContext"])
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        self.assertEqual(volumes["guard"]["emptyDir"]["medium"], "Memory")
        (source,) = volumes["vend"]["projected"]["sources"]
        self.assertEqual(source["serviceAccountToken"]["audience"], "https://vend.example")

    def test_job_patches_the_secret_with_the_projected_token(self):
        stubs = Stubs()
        self.addCleanup(stubs.stop)
        container = find("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        with tempfile.TemporaryDirectory() as folder:
            files = {"kubernetes.io/serviceaccount/token": "account", "kubernetes.io/serviceaccount/namespace": "reporting"}
            for name, text in (files | {"vend/token": "identity"}).items():
                file = Path(folder, "secrets", name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            Path(folder, "work").mkdir()
            script = container["args"][0].replace("/var/run/secrets", f"{folder}/secrets")
            script = script.replace("/work/", f"{folder}/work/").replace("--cacert $account/ca.crt", "")
            script = script.replace("https://kubernetes.default.svc", f"http://127.0.0.1:{stubs.port('webex')}")
            stubs.answers["webex"].append({"status": 200, "body": "{}"})
            result = subprocess.run([*container["command"], script], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        path = "/api/v1/namespaces/reporting/secrets/vend-identity"
        self.assertEqual(stubs.seen, [f'webex PATCH {path} with account: {{"stringData":{{"token":"identity"}}}}'])
