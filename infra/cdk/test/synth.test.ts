// Synthesises a stack with the construct: node --test. TEMPLATE names the packaged template.
import assert from "node:assert/strict";
import { test } from "node:test";

import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";

import { readFileSync } from "node:fs";

import { WebexTokenBroker } from "../src/index.js";

const templateFile = process.env.TEMPLATE ?? "template.json";
const release = JSON.parse(readFileSync(templateFile, "utf8"));

const stack = new Stack(new App({ analyticsReporting: false }), "calls");
const broker = new WebexTokenBroker(stack, "Broker", {
  templateFile,
  artifactBucket: "releases-eu-central-1",
  parameters: { App: "reports", SubnetIds: ["subnet-1", "subnet-2"] },
});
const caller = new Role(stack, "Caller", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
broker.grantVend(caller);
const synthesised = Template.fromStack(stack).toJSON();

test("synth_keeps_every_resource_of_the_release_as_it_is", () => {
  for (const [id, resource] of Object.entries(release.Resources)) {
    assert.deepEqual(synthesised.Resources[id], resource, id);
  }
});

test("synth_keeps_transform_conditions_mappings_and_outputs", () => {
  for (const section of ["Transform", "Conditions", "Mappings", "Outputs"]) {
    assert.deepEqual(synthesised[section], release[section], section);
  }
  assert.deepEqual(synthesised.Globals, release.Globals);
});

test("construct_passes_parameters_to_the_code_and_the_network", () => {
  assert.equal(synthesised.Parameters.ArtifactBucket, undefined);
});

test("grant_vend_attaches_the_policy_for_callers", () => {
  const { Properties } = synthesised.Resources[stack.getLogicalId(caller.node.defaultChild as never)];
  assert.deepEqual(Properties.ManagedPolicyArns, [{ Ref: "VendCallers" }]);
});
