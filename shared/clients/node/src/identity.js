import { readFile } from 'node:fs/promises';

import { IdentityError } from './errors.js';

/** Addresses that name the service and the region to sign for. */
const AWS_HOSTS = [
  ['lambda', /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/],
  ['execute-api', /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/],
];

/** The headers of an OIDC identity token: a text, `{ file }`, which is read before each request, or a function. */
export function bearer(source) {
  return async () => {
    const token = (await readIdentity(source)).trim();
    if (!token || /\s/.test(token)) throw new IdentityError('the identity token is empty or no token');
    return { authorization: `Bearer ${token}` };
  };
}

async function readIdentity(source) {
  if (typeof source === 'string') return source;
  try {
    return String(typeof source === 'function' ? await source() : await readFile(source.file, 'utf8'));
  } catch (error) {
    throw new IdentityError('the identity token cannot be read', { cause: error });
  }
}

/** The headers of AWS Signature Version 4, with the credentials of the AWS SDK's default chain or those given. */
export function sigV4(base, { credentials, region, service }) {
  for (const [name, pattern] of AWS_HOSTS) {
    const found = pattern.exec(base.hostname);
    if (found) {
      service ??= name;
      region ??= found[1];
    }
  }
  let signer;
  return async (method, url, body) => {
    try {
      signer ??= await makeSigner(credentials, region, service ?? 'lambda');
      const request = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), body };
      const { headers } = await signer.sign({ ...request, headers: { host: url.host } });
      const { host, ...sent } = headers; // fetch sets it
      return sent;
    } catch (error) {
      if (error instanceof IdentityError) throw error;
      throw new IdentityError('the request cannot be signed', { cause: error });
    }
  };
}

async function makeSigner(credentials, region, service) {
  region ??= process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new IdentityError('no AWS region: set AWS_REGION or give region');
  // Loaded here, so that callers with an identity token do without the SDK.
  const [{ SignatureV4 }, { Hash }] = await Promise.all([import('@smithy/signature-v4'), import('@smithy/hash-node')]);
  if (!credentials) {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    credentials = defaultProvider();
  }
  return new SignatureV4({ service, region, credentials, sha256: Hash.bind(null, 'sha256') });
}
