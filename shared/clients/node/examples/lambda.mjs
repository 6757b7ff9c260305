// A Lambda function with a token. VEND_URL is vend's address; the function's role may invoke it.
import { Broker } from 'webex-token-broker';

const broker = new Broker();

export const handler = async (event) => {
  const token = await broker.token('reports', event.org);
  return { expires_at: token.expiresAt };
};
