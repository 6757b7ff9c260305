/** Webex access tokens from a webex-token-broker. */

/** An OIDC identity token: a text, a file that is read before each request, or a function that is called before each. */
export type IdentityToken = string | { file: string } | (() => string | Promise<string>);

/** AWS credentials, or a function that gives them, as the AWS SDK's credential providers do. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

export interface BrokerOptions {
  /** Identifies the caller. Without it, AWS credentials do. */
  identityToken?: IdentityToken;
  /** By default those of the AWS SDK's default chain. */
  credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** The region to sign for. By default the one in the address, otherwise the variable `AWS_REGION`. */
  region?: string;
  /** The service to sign for. By default the one in the address, otherwise `lambda`. */
  service?: 'lambda' | 'execute-api';
  /** The seconds of life that a token must have left; 300 by default. */
  minTtl?: number;
  /** The longest time in seconds that `token` waits as `Retry-After` says; 0 by default. */
  maxWait?: number;
  /** The current time in milliseconds since 1970. For tests. */
  clock?: () => number;
  /** Waits some seconds. For tests. */
  sleep?: (seconds: number) => Promise<void>;
}

/** Asks the broker for tokens and holds them. Create one and share it. */
export class Broker {
  /** A client of the broker at `url`; by default at the one in the variable `VEND_URL`. */
  constructor(url?: string, options?: BrokerOptions);
  /**
   * A token for the grant of `subject` to `app` with more than `minTtl` seconds left; with less only if the broker does
   * not answer. Rejects with a `BrokerError`.
   */
  token(app: string, subject: string, options?: { minTtl?: number }): Promise<Token>;
  /**
   * The token to use after Webex answered 401 to `token`. The broker is told once, however many callers report the same
   * token. It gives the same token back if Webex confirms that it lives. Rejects with a `BrokerError`.
   */
  rejected(app: string, subject: string, token: Token): Promise<Token>;
}

/** A Webex access token. Printing it and `JSON.stringify` do not show it. */
export class Token {
  private constructor();
  /** The text, for the `Authorization` header of a request to Webex and nothing else. */
  get value(): string;
  /** The time at which the token expires. */
  readonly expiresAt: Date;
}

export interface WebexFetchOptions {
  /** The hosts that may see the token, with all hosts below them. By default Webex's own domains. */
  hosts?: string[];
  /** The function that sends the request; the global `fetch` by default. */
  fetch?: typeof globalThis.fetch;
}

/**
 * `fetch` with the grant's token, which goes to Webex and to no other host. Webex's 401 is reported to the broker, and the
 * request is sent once more if that gives another token. A request whose body is a stream is not sent again.
 */
export function webexFetch(
  broker: Broker, app: string, subject: string, options?: WebexFetchOptions,
): typeof globalThis.fetch;

/** Any error of this package. */
export class BrokerError extends Error {
  /** The seconds to wait before asking again, if the broker gave them. */
  retryAfter: number | undefined;
}
/** The broker's address is not an http or https URL, or an app or a subject cannot stand in one. */
export class AddressError extends BrokerError {}
/** The request could not be authorised: no AWS credentials, or no identity token. */
export class IdentityError extends BrokerError {}
/** The broker could not be reached, or did not answer in time. */
export class Unreachable extends BrokerError {}
/** The answer is neither a token nor a problem document, for example a proxy's page. */
export class UnexpectedAnswer extends BrokerError {
  readonly status: number;
  /** The first line of what AWS said, for example about a signature. */
  readonly answer: string | undefined;
}
/** The broker refused the request with a problem document (RFC 9457). */
export class Refused extends BrokerError {
  readonly status: number;
  /** The problem type: `urn:webex-token-broker:problem:…` */
  readonly type: string;
  /** What happened, in words. */
  readonly detail: string;
  /** Webex's tracking id, if the refusal has one. Cisco's support asks for it. */
  readonly trackingId: string | undefined;
}
