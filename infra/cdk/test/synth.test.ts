// Synthesises a stack with the construct: node --test. TEMPLATE names the packaged template.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type CfnRole, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";

import { WebexTokenBroker } from "../src/index.js";

const templateFile = process.env.TEMPLATE;
assert(templateFile, "TEMPLATE names no packaged template");
const release = JSON.parse(readFileSync(templateFile, "utf8"));

interface Resource { DependsOn?: string | string[] }

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
    // CDK writes a single dependency as a list.
    const expected = { ...(resource as Resource) };
    if (expected.DependsOn) expected.DependsOn = [expected.DependsOn].flat();
    assert.deepEqual(synthesised.Resources[id], expected, id);
  }
});

test("synth_keeps_conditions_mappings_and_globals", () => {
  for (const section of ["Conditions", "Mappings", "Globals"]) {
    assert.deepEqual(synthesised[section], release[section], section);
  }
});

test("synth_keeps_the_outputs", () => {
  for (const [name, output] of Object.entries(release.Outputs)) {
    assert.deepEqual(synthesised.Outputs[name], output, name);
  }
});

test("parameters_are_the_defaults_of_the_template", () => {
  const { ArtifactBucket, App: app, SubnetIds, CacheTtl } = synthesised.Parameters;
  assert.equal(ArtifactBucket.Default, "releases-eu-central-1");
  assert.equal(app.Default, "reports");
  assert.equal(SubnetIds.Default, "subnet-1,subnet-2");
  assert.deepEqual(CacheTtl, release.Parameters.CacheTtl);
});

test("unknown_parameter_is_refused", () => {
  const make = () => new WebexTokenBroker(new Stack(new App(), "other"), "Broker", {
    templateFile, artifactBucket: "releases-eu-central-1", parameters: { Cachettl: 5 },
  });
  assert.throws(make, /Cachettl/);
});

test("grant_vend_attaches_the_policy_for_callers", () => {
  const id = stack.getLogicalId(caller.node.defaultChild as CfnRole);
  assert.deepEqual(synthesised.Resources[id].Properties.ManagedPolicyArns, [{ Ref: "VendCallers" }]);
});
