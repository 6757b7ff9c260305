// How the caller is identified, and which hosts may see a token.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { WEBEX_HOSTS, maySeeToken } from '../src/fetch.js';
import { bearer, sigV4 } from '../src/identity.js';

const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };

async function sign(address, options = {}) {
  const url = new URL(address);
  return sigV4(url, { credentials: CREDENTIALS, ...options })('GET', url, undefined);
}

test('address_names_service_and_region', async () => {
  const addresses = {
    'https://abc.lambda-url.eu-central-1.on.aws/v1': 'eu-central-1/lambda/aws4_request',
    'https://abc.execute-api.us-east-1.amazonaws.com/v1': 'us-east-1/execute-api/aws4_request',
  };
  for (const [address, scope] of Object.entries(addresses)) {
    const headers = await sign(address);
    assert.match(headers.authorization, new RegExp(`Credential=AKIAEXAMPLE/\\d{8}/${scope}, `));
    assert.equal(headers['x-amz-security-token'], 'session');
  }
});

test('other_address_takes_the_options', async () => {
  const { authorization } = await sign('https://vend.example/', { region: 'eu-north-1', service: 'execute-api' });
  assert.match(authorization, /eu-north-1\/execute-api\/aws4_request/);
});

test('missing_region_says_what_to_do', async (context) => {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  delete process.env.AWS_REGION;
  delete process.env.AWS_DEFAULT_REGION;
  context.after(() => {
    if (AWS_REGION) process.env.AWS_REGION = AWS_REGION;
    if (AWS_DEFAULT_REGION) process.env.AWS_DEFAULT_REGION = AWS_DEFAULT_REGION;
  });
  await assert.rejects(sign('https://vend.example/'), /set AWS_REGION/);
});

test('credentials_that_fail_are_an_identity_error', async () => {
  const credentials = () => Promise.reject(new Error('none'));
  await assert.rejects(sign('https://abc.lambda-url.eu-central-1.on.aws/', { credentials }), { name: 'IdentityError' });
});

test('file_is_read_before_each_request', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  const headers = bearer({ file });
  for (const text of ['one', 'two\n']) {
    writeFileSync(file, text);
    assert.deepEqual(await headers(), { authorization: `Bearer ${text.trim()}` });
  }
  rmSync(file);
  await assert.rejects(headers(), { name: 'IdentityError' });
});

test('only_webex_over_https_may_see_a_token', () => {
  for (const url of ['https://webexapis.com/v1', 'https://analytics.webexapis.com/', 'https://WebexAPIs.com:443/']) {
    assert.ok(maySeeToken(url, WEBEX_HOSTS), url);
  }
  const others = ['http://webexapis.com/', 'https://webexapis.com.evil.example/', 'https://evilwebexapis.com/'];
  for (const url of [...others, 'https://webexapis.com@evil.example/', 'https://evil.example/?webexapis.com']) {
    assert.ok(!maySeeToken(url, WEBEX_HOSTS), url);
  }
});
