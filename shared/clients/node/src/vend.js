import { AddressError, Refused, UnexpectedAnswer, Unreachable } from './errors.js';
import { Token } from './token.js';

/** The longest wait for an answer, in milliseconds. The broker may have to renew the token first, and takes no longer itself. */
const TIME_OUT = 30_000;

/** The address of a broker as a URL. */
export function parseBase(address) {
  const base = URL.canParse(address) ? new URL(address) : undefined;
  if (!base || !/^https?:$/.test(base.protocol) || base.search || base.hash) {
    throw new AddressError(`the broker's address is not an http or https URL: ${address}`);
  }
  base.pathname = base.pathname.replace(/\/+$/, '');
  return base;
}

/** One request to vend, and its answer. */
export class VendApi {
  /** `identity` makes the headers that identify the caller. `clock` gives milliseconds since 1970. */
  constructor(base, identity, clock) {
    this.base = base;
    this.identity = identity;
    this.clock = clock;
  }

  /** The grant's token with at least `minTtl` seconds left. */
  get(app, subject, minTtl) {
    return this.#ask('GET', this.#url(app, subject, `token?min_ttl=${minTtl}`));
  }

  /** The token that replaces the one with this SHA-256, which Webex has refused. */
  report(app, subject, sha256) {
    const body = JSON.stringify({ access_token_sha256: sha256 });
    return this.#ask('POST', this.#url(app, subject, 'token/rejected'), body);
  }

  #url(app, subject, resource) {
    for (const segment of [app, subject]) {
      if (typeof segment !== 'string' || ['', '.', '..'].includes(segment)) {
        throw new AddressError(`an app or a subject cannot be ${JSON.stringify(segment)}`);
      }
    }
    const path = `/v1/apps/${encodeURIComponent(app)}/grants/${encodeURIComponent(subject)}/${resource}`;
    return new URL(this.base.href.replace(/\/$/, '') + path);
  }

  async #ask(method, url, body) {
    const headers = { ...(await this.identity(method, url, body)) };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const now = this.clock();
    let response, text;
    try {
      // A redirect would send the caller's identity to another host.
      const signal = AbortSignal.timeout(TIME_OUT);
      response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
      text = await response.text();
    } catch (error) {
      throw new Unreachable('the broker does not answer', { cause: error });
    }
    return readAnswer(response, text, now);
  }
}

function readAnswer({ status, headers }, text, now) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new UnexpectedAnswer(status);
  }
  if (status !== 200) throw readProblem(status, headers, answer);
  const { access_token: value, expires_in: expiresIn } = answer ?? {};
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value) || !Number.isSafeInteger(expiresIn) || expiresIn < 0) {
    throw new UnexpectedAnswer(status);
  }
  return new Token(value, now + expiresIn * 1000, now);
}

function readProblem(status, headers, answer) {
  const { type, detail, tracking_id: trackingId } = answer ?? {};
  if (typeof type !== 'string' || typeof detail !== 'string') return new UnexpectedAnswer(status, firstLine(answer));
  const error = new Refused(status, { type, detail, trackingId });
  // The other form of Retry-After, a date, is ignored.
  const seconds = headers.get('retry-after')?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(seconds)) error.retryAfter = Number(seconds);
  return error;
}

/** The first line of AWS's message. The lines below it quote the request with the caller's session token. */
function firstLine(answer) {
  const message = answer?.message ?? answer?.Message;
  return typeof message === 'string' ? message.trim().split(/[\r\n]/)[0].slice(0, 200) || undefined : undefined;
}
