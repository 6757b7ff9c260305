// The examples, as they stand, in processes of their own between the stubs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Stubs } from './stub.js';

const path = (file) => fileURLToPath(new URL(file, import.meta.url));

async function runExample(stubs, name) {
  const env = {
    ...process.env,
    ORG: 'acme',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    VEND_URL: `http://127.0.0.1:${stubs.port('broker')}/`,
    WEBEX_API_BASE: `http://127.0.0.1:${stubs.port('webex')}/v1`,
  };
  const run = promisify(execFile);
  return (await run(process.execPath, [path('run-example.js'), path(`../examples/${name}`)], { env })).stdout;
}

test('lambda_example_gets_a_token', async (context) => {
  const stubs = await new Stubs().start();
  context.after(() => stubs.stop());
  stubs.answers.broker.push({ token: 'one', expires_in: 86400 });
  assert.match(await runExample(stubs, 'lambda.mjs'), /^ends /);
});

test('fetch_example_survives_a_dead_token', async (context) => {
  const stubs = await new Stubs().start();
  context.after(() => stubs.stop());
  stubs.answers.broker.push({ token: 'one', expires_in: 86400 }, { token: 'two', expires_in: 86400 });
  stubs.answers.webex.push({ status: 401, body: '{}' }, { status: 200, body: '{"displayName":"Ada"}' });
  assert.equal(await runExample(stubs, 'with-fetch.mjs'), 'I am Ada\n');
  const calls = stubs.seen.filter((line) => line.startsWith('webex'));
  assert.deepEqual(calls, ['webex GET /v1/people/me with one', 'webex GET /v1/people/me with two']);
});

test('readme_shows_code_that_runs', async (context) => {
  const stubs = await new Stubs().start();
  context.after(() => stubs.stop());
  stubs.answers.broker.push({ token: 'one', expires_in: 86400 });
  const [, code] = /```js\n([^`]*)```/.exec(readFileSync(path('../../README.md'), 'utf8'));
  const module = code
    .replace("'webex-token-broker'", `'${new URL('../src/index.js', import.meta.url)}'`)
    .replace(/new Broker\([^)]*\)/, `new Broker('http://127.0.0.1:${stubs.port('broker')}', { identityToken: 'identity' })`);
  const url = `data:text/javascript,${encodeURIComponent(`const org = 'acme';\n${module}\nexport { token };`)}`;
  const { token } = await import(url);
  assert.equal(token.value, 'one');
});
