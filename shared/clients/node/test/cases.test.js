// The table of cases that all clients share: shared/clients/cases.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';

import * as broker from '../src/index.js';
import { ManualClock, Stubs } from './stub.js';

const { cases } = JSON.parse(readFileSync(new URL('../../cases.json', import.meta.url)));
const KINDS = {
  address: broker.AddressError,
  identity: broker.IdentityError,
  refused: broker.Refused,
  unexpected: broker.UnexpectedAnswer,
  unreachable: broker.Unreachable,
};
/** The names of the table that are others in JavaScript. */
const FIELDS = { kind: 'type', message: 'answer', retry_after: 'retryAfter', tracking_id: 'trackingId' };
const fails = () => Promise.reject(new Error('no identity token here'));
const IDENTITIES = { works: 'identity', fails, 'is empty': () => '\n' };

class Case {
  #clock = new ManualClock();
  #tokens = new Map();

  constructor(stubs, { base = '', identity = 'works', min_ttl, max_wait } = {}) {
    this.stubs = stubs;
    const clock = { clock: this.#clock.now, sleep: this.#clock.sleep };
    const options = { identityToken: IDENTITIES[identity], minTtl: min_ttl, maxWait: max_wait, ...clock };
    this.broker = new broker.Broker(`http://127.0.0.1:${stubs.port('broker')}${base}`, options);
  }

  async runStep(step) {
    this.#clock.seconds += step.advance ?? 0;
    if (!step.do) return;
    this.stubs.seen.length = 0;
    for (const [name, queue] of Object.entries(this.stubs.answers)) queue.push(...(step[name] ?? []));
    for (const result of await this.#results(step)) check(result, step.gives);
    assert.deepEqual(this.stubs.seen, step.sees);
    assert.equal(this.#clock.seconds, step.clock ?? this.#clock.seconds);
  }

  async #results(step) {
    const attempt = () => this.#do(step).catch((error) => error);
    // All callers wait before the first answer can arrive, because sending needs the event loop.
    if (step.concurrently) return Promise.all(Array.from({ length: step.concurrently }, attempt));
    const results = [];
    for (let time = 0; time < (step.times ?? 1); time += 1) results.push(await attempt());
    return results;
  }

  async #do(step) {
    const { subject = 'acme', of } = step;
    if (step.do === 'fetch') return { status: await this.#fetch(step) };
    const token =
      step.do === 'rejected'
        ? await this.broker.rejected('reports', subject, this.#tokens.get(of))
        : await this.broker.token('reports', subject, { minTtl: step.min_ttl });
    this.#tokens.set(token.value, token);
    assert.ok(!(`${token}${JSON.stringify(token)}${inspect(token)}`).includes(token.value), 'the token is shown');
    return { token: token.value };
  }

  async #fetch({ host = '127.0.0.1', body, stream }) {
    const fetch = broker.webexFetch(this.broker, 'reports', 'acme', { hosts: ['127.0.0.1'] });
    const content = stream ? new Blob([stream]).stream() : body;
    const init = content ? { method: 'POST', body: content, duplex: 'half' } : undefined;
    const response = await fetch(`http://${host}:${this.stubs.port('webex')}/v1/people/me`, init);
    await response.text();
    return response.status;
  }
}

function check(result, { error, ...wanted }) {
  if (!error) return assert.deepEqual(result, wanted);
  assert.equal(result.constructor, KINDS[error], inspect(result));
  for (const [field, value] of Object.entries(wanted)) {
    assert.equal(result[FIELDS[field] ?? field] ?? null, value, field);
  }
  return undefined;
}

for (const { name, client, steps } of cases) {
  test(name, async (context) => {
    const stubs = await new Stubs().start();
    context.after(() => stubs.stop());
    const run = new Case(stubs, client);
    for (const step of steps) await run.runStep(step);
  });
}
