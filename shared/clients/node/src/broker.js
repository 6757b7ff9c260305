import { setTimeout as wait } from 'node:timers/promises';

import { BrokerError } from './errors.js';
import { bearer, sigV4 } from './identity.js';
import { Token } from './token.js';
import { VendApi, parseBase } from './vend.js';

/** The seconds of life below which a token is replaced before it is returned: enough for the longest call to Webex. */
const MIN_TTL = 300;
/** The seconds for which a broker that failed is not asked again while a token lives. */
const PAUSE = 5;
/** The seconds for which a token is not reported again after the broker has confirmed that it lives. */
const CONFIRMED = 60;

/** What is known about one grant. */
class Slot {
  results = 0;
  held = undefined;
  failure = undefined;
  report = undefined;
  #last = Promise.resolve();

  /** Runs `task` after all tasks before it, so that concurrent callers wait for a result instead of asking too. */
  inTurn(task) {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  alive(now) {
    return this.held?.lives(now, 0) ? this.held : undefined;
  }

  store(token) {
    this.results += 1;
    this.held = token;
    this.failure = undefined;
    return token;
  }

  fail(error, minTtl, now) {
    this.results += 1;
    if (!error.leavesGrantUnknown) this.held = undefined;
    const pause = error.retryAfter ?? (this.alive(now) ? PAUSE : 0);
    this.failure = { error, minTtl, number: this.results, at: now, until: now + pause * 1000 };
  }
}

/** Asks the broker for tokens and holds them. Create one and share it. */
export class Broker {
  #api;
  #minTtl;
  #maxWait;
  #clock;
  #sleep;
  #slots = new Map();

  /** See `index.d.ts` for the options. */
  constructor(url = process.env.VEND_URL, options = {}) {
    const { identityToken, credentials, region, service, minTtl = MIN_TTL, maxWait = 0 } = options;
    const { clock = Date.now, sleep = (seconds) => wait(seconds * 1000) } = options;
    const base = parseBase(url);
    const identity = identityToken === undefined ? sigV4(base, { credentials, region, service }) : bearer(identityToken);
    this.#api = new VendApi(base, identity, clock);
    this.#minTtl = minTtl;
    this.#maxWait = maxWait;
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /**
   * A token for the grant of `subject` to `app` with more than `minTtl` seconds left; with less only if the broker does
   * not answer.
   */
  token(app, subject, { minTtl = this.#minTtl } = {}) {
    const slot = this.#slot(app, subject);
    const deadline = this.#clock() + this.#maxWait * 1000;
    let seen = slot.results;
    return slot.inTurn(async () => {
      for (;;) {
        let now = this.#clock();
        if (slot.held?.lives(now, minTtl)) return slot.held;
        const error = remembered(slot.failure, minTtl, seen, now) ?? (await this.#fetch(slot, app, subject, minTtl));
        if (!error) return slot.held;
        now = this.#clock();
        const held = slot.alive(now);
        if (held) return held;
        if (!error.retryAfter || now + error.retryAfter * 1000 > deadline) throw error;
        seen = slot.results;
        await this.#sleep(error.retryAfter);
      }
    });
  }

  /**
   * The token to use after Webex answered 401 to `token`. The broker is told once, however many callers report the same
   * token. It gives the same token back if Webex confirms that it lives.
   */
  rejected(app, subject, token) {
    const slot = this.#slot(app, subject);
    const seen = slot.results;
    return slot.inTurn(async () => {
      let now = this.#clock();
      const { held } = slot;
      if (held && held.sha256 !== token.sha256 && held.lives(now, this.#minTtl)) return held;
      if (slot.report?.sha256 !== token.sha256 || !counts(slot.report, seen, now)) {
        slot.report = await this.#report(slot, app, subject, token.sha256);
        now = slot.report.at;
      }
      const { result, until } = slot.report;
      if (result instanceof Token) return result;
      throw result.again(result.retryAfter === undefined ? undefined : (until - now) / 1000);
    });
  }

  async #fetch(slot, app, subject, minTtl) {
    try {
      slot.store(await this.#api.get(app, subject, minTtl));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      slot.fail(error, minTtl, this.#clock());
      return error;
    }
    return undefined;
  }

  async #report(slot, app, subject, sha256) {
    slot.held = undefined;
    let result, pause;
    try {
      result = slot.store(await this.#api.report(app, subject, sha256));
      pause = CONFIRMED;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      slot.results += 1;
      result = error;
      pause = error.retryAfter ?? 0;
    }
    const at = this.#clock();
    return { sha256, result, number: slot.results, at, until: at + pause * 1000 };
  }

  #slot(app, subject) {
    const key = JSON.stringify([app, subject]);
    let slot = this.#slots.get(key);
    if (!slot) {
      slot = new Slot();
      this.#slots.set(key, slot);
    }
    return slot;
  }
}

/** Whether a result came while the caller waited, or still holds. */
function counts(result, seen, now) {
  return result.number > seen || (result.at <= now && now < result.until);
}

/** The error of the last request, if this caller need not ask again. It counts for those who want as much life. */
function remembered(failure, minTtl, seen, now) {
  if (!failure || failure.minTtl > minTtl || !counts(failure, seen, now)) return undefined;
  const { error, until } = failure;
  return error.again(error.retryAfter === undefined ? undefined : Math.max(until - now, 0) / 1000);
}
