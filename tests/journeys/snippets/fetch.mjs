// Fetches a token with Node 18 or later, without a package. Needs VEND_URL, ORG, AWS_REGION and AWS credentials in the
// environment, as in a Lambda function.
import { createHash, createHmac } from 'node:crypto';

const { VEND_URL, ORG, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

// Signs with AWS Signature Version 4 for a Function URL. Behind API Gateway the service is execute-api.
function sign(method, url, body, service = 'lambda') {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = { host: url.host, 'x-amz-date': time };
  if (AWS_SESSION_TOKEN) headers['x-amz-security-token'] = AWS_SESSION_TOKEN;
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).sort().join('&');
  const path = url.pathname.split('/').map(encodeURIComponent).join('/');
  const request = [method, path, query, lines, names.join(';'), sha256(body)].join('\n');
  const scope = [time.slice(0, 8), AWS_REGION, service, 'aws4_request'];
  const key = scope.reduce((key, part) => hmac(key, part), `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n')).toString('hex');
  const credential = `${AWS_ACCESS_KEY_ID}/${scope.join('/')}`;
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

async function vend(method, path, body) {
  const url = new URL(VEND_URL.replace(/\/$/, '') + path);
  const text = body ? JSON.stringify(body) : '';
  const headers = { ...sign(method, url, text), 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, body: text || undefined, signal: AbortSignal.timeout(30_000) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${json.detail ?? json.Message}`);
  return json;
}

const grant = `/v1/apps/reports/grants/${ORG}`;
let token = await vend('GET', `${grant}/token?min_ttl=600`);
// After Webex has answered 401 to the token: report it once and use the token in the answer.
if (process.argv.includes('--rejected')) {
  token = await vend('POST', `${grant}/token/rejected`, { access_token_sha256: sha256(token.access_token) });
}
console.log('ends', token.expires_at);
