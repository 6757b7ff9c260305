// Runs an example as it stands, with WEBEX_API_BASE in the place of Webex: node run-example.js FILE. A file with a `handler`
// is imported and its handler is called for the org in ORG.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const send = globalThis.fetch;
globalThis.fetch = (url, init) =>
  send(String(url).replace('https://webexapis.com/v1', process.env.WEBEX_API_BASE), init);

const { handler } = await import(pathToFileURL(resolve(process.argv[2])));
if (handler) console.log('ends', (await handler({ org: process.env.ORG })).expires_at);
