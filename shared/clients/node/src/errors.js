/** Any error of this package. */
export class BrokerError extends Error {
  /** The seconds to wait before asking again, if the broker gave them. */
  retryAfter = undefined;

  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Whether the error says nothing about the grant, so that a token of it may still be used. */
  get leavesGrantUnknown() {
    return true;
  }

  /** A copy for a later caller. */
  again(retryAfter) {
    const error = new Error(this.message);
    Object.setPrototypeOf(error, Object.getPrototypeOf(this));
    Object.defineProperties(error, Object.getOwnPropertyDescriptors(this));
    error.retryAfter = retryAfter;
    return error;
  }
}

/** The broker's address is not an http or https URL, or an app or a subject cannot stand in one. */
export class AddressError extends BrokerError {}

/** The request could not be authorised: no AWS credentials, or no identity token. */
export class IdentityError extends BrokerError {}

/** The broker could not be reached, or did not answer in time. */
export class Unreachable extends BrokerError {}

/** The answer is neither a token nor a problem document, for example a proxy's page. */
export class UnexpectedAnswer extends BrokerError {
  constructor(status, answer) {
    const text = `the broker's answer with status ${status} is neither a token nor a problem document`;
    super(answer ? `${text}: ${answer}` : text);
    this.status = status;
    /** The first line of what AWS said, for example about a signature. */
    this.answer = answer;
  }
}

/** The broker refused the request with a problem document (RFC 9457). */
export class Refused extends BrokerError {
  constructor(status, { type, detail, trackingId }) {
    super(`the broker answered ${status}: ${detail}`);
    this.status = status;
    /** The problem type: `urn:webex-token-broker:problem:…` */
    this.type = type;
    /** What happened, in words. */
    this.detail = detail;
    /** Webex's tracking id, if the refusal has one. Cisco's support asks for it. */
    this.trackingId = trackingId;
  }

  get leavesGrantUnknown() {
    return this.status === 429 || this.status >= 500;
  }
}
