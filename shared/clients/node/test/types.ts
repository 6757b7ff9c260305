// Compiled, never run: the types of the package as a caller uses them.
import { Broker, Refused, Token, webexFetch } from 'webex-token-broker';

const broker: Broker = new Broker('https://vend.example', { identityToken: { file: '/var/run/token' }, minTtl: 600 });
const token: Token = await broker.token('reports', 'acme', { minTtl: 0 });
const text: string = token.value;
const left: number = token.expiresAt.getTime();
const fetch = webexFetch(broker, 'reports', 'acme');
const response: Response = await fetch('https://webexapis.com/v1/people/me', { method: 'GET' });
try {
  await broker.rejected('reports', 'acme', token);
} catch (error) {
  if (error instanceof Refused) console.log(error.status, error.detail, error.trackingId?.length, error.retryAfter);
}
// @ts-expect-error: a token is no text
const wrong: string = token;
void [text, left, response, wrong];
