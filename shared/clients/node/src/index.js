/** Webex access tokens from a webex-token-broker. */
export { Broker } from './broker.js';
export { AddressError, BrokerError, IdentityError, Refused, UnexpectedAnswer, Unreachable } from './errors.js';
export { webexFetch } from './fetch.js';
export { Token } from './token.js';
