/** Webex's own domains; their subdomains count too. */
export const WEBEX_HOSTS = ['webexapis.com', 'webex.com', 'wbx2.com'];

/** Whether `url` leads to one of `hosts` or below it, over https; over http to this machine only. */
export function maySeeToken(url, hosts = WEBEX_HOSTS) {
  const { protocol, hostname } = new URL(url);
  const isPrivate = protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return isPrivate && hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

/**
 * `fetch` with the grant's token, which goes to Webex and to no other host. Webex's 401 is reported to the broker, and the
 * request is sent once more if that gives another token. A request whose body is a stream is not sent again.
 */
export function webexFetch(broker, app, subject, { hosts = WEBEX_HOSTS, fetch = globalThis.fetch } = {}) {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const send = (token) => {
      const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
      if (token) headers.set('authorization', `Bearer ${token.value}`);
      return fetch(input instanceof Request ? input.clone() : input, { ...init, headers });
    };
    if (!maySeeToken(url, hosts)) return send();
    const token = await broker.token(app, subject);
    const response = await send(token);
    // fetch drops the token when it follows a redirect to another host, so that the answer is not about it.
    const isElsewhere = response.redirected && new URL(response.url).origin !== new URL(url).origin;
    if (response.status !== 401 || isElsewhere) return response;
    const renewed = await broker.rejected(app, subject, token);
    if (renewed.value === token.value || init.body instanceof ReadableStream) return response;
    await response.body?.cancel();
    return send(renewed);
  };
}
