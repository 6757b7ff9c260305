// Stub servers for vend and Webex, and a clock that moves by hand.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

export class ManualClock {
  seconds = 1_000_000;
  now = () => this.seconds * 1000;
  sleep = async (seconds) => {
    this.seconds += seconds;
  };
}

/** vend and Webex, with one list of the requests that they saw. */
export class Stubs {
  answers = { broker: [], webex: [] };
  seen = [];
  #tokens = new Map();
  #servers = {};

  async start() {
    for (const name of Object.keys(this.answers)) {
      const server = createServer((request, response) => this.#handle(name, request, response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      this.#servers[name] = server;
    }
    return this;
  }

  port(name) {
    return this.#servers[name].address().port;
  }

  stop() {
    for (const server of Object.values(this.#servers)) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #handle(name, request, response) {
    const body = (await request.toArray()).map(String).join('');
    this.seen.push(name === 'broker' ? this.#describeVend(request, body) : describeWebex(request, body));
    const answer = this.answers[name].shift() ?? { status: 599, body: 'no answer is queued' };
    if (answer === 'close') return request.socket.destroy();
    const { status, headers, text } = this.#compose(answer);
    response.writeHead(status, headers).end(text);
  }

  #describeVend({ method, url, headers }, body) {
    const identity = headers.authorization === 'Bearer identity' ? '' : ' without the identity';
    const of = body ? ` of ${this.#tokens.get(JSON.parse(body).access_token_sha256)}` : '';
    return `${method} ${url}${identity}${of}`;
  }

  #compose({ token, expires_in, problem, retry_after, detail, tracking_id, status, headers = {}, body }) {
    if (token) {
      this.#tokens.set(createHash('sha256').update(token).digest('hex'), token);
      return { status: 200, headers, text: JSON.stringify({ access_token: token, expires_in, more: 1 }) };
    }
    if (problem) {
      const document = { type: 'urn:webex-token-broker:problem:test', title: 't', status: problem, detail, tracking_id };
      const sent = retry_after === undefined ? headers : { ...headers, 'retry-after': String(retry_after) };
      return { status: problem, headers: sent, text: JSON.stringify(document) };
    }
    const filled = Object.entries(headers).map(([key, value]) => [key, value.replace('WEBEX_PORT', this.port('webex'))]);
    return { status, headers: Object.fromEntries(filled), text: body };
  }
}

function describeWebex({ method, url, headers }, body) {
  const token = headers.authorization?.replace('Bearer ', '');
  return `webex ${method} ${url} ${token ? `with ${token}` : 'without a token'}${body ? `: ${body}` : ''}`;
}
