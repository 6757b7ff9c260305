import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

/** A Webex access token. Printing it and `JSON.stringify` do not show it. */
export class Token {
  #value;

  /** Times are in milliseconds since 1970. */
  constructor(value, expiresAt, receivedAt) {
    this.#value = value;
    this.expiresAt = new Date(expiresAt);
    Object.defineProperty(this, 'receivedAt', { value: receivedAt });
  }

  /** The text, for the `Authorization` header of a request to Webex and nothing else. */
  get value() {
    return this.#value;
  }

  /** The SHA-256 in hexadecimal digits, which identifies the token without revealing it. */
  get sha256() {
    return createHash('sha256').update(this.#value).digest('hex');
  }

  /** Whether more than `minTtl` seconds are left. A clock that was set back proves nothing. */
  lives(now, minTtl) {
    return this.receivedAt <= now && this.expiresAt.getTime() - now > minTtl * 1000;
  }

  toString() {
    return `Token(expires ${this.expiresAt.toISOString()})`;
  }

  [inspect.custom]() {
    return this.toString();
  }
}
