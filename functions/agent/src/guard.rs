//! Access to the agent, for callers on this machine that show the guard token.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};
use lambda_kit::http_function::proxy_header;
use lambda_kit::problem::{Problem, ProblemKind};
use sha2::{Digest as _, Sha256};

/// The names of this machine. A page in a browser that resolves its own name to 127.0.0.1 sends that name.
const LOCAL_HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Lets in callers that show the guard token, as the bearer token of the request.
pub struct Guard {
    /// Digests are compared, so that the time of a comparison says nothing about the token.
    sha256: [u8; 32],
}

impl Guard {
    /// A guard that asks for `token`.
    pub fn new(token: &str) -> Self {
        Self { sha256: Sha256::digest(token).into() }
    }

    /// Refuses a request that was forwarded, that is for another host, or that lacks the token.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Box<Problem>> {
        // A proxy on this machine would let the network in.
        if let Some(name) = proxy_header(headers) {
            let detail = format!("the agent serves no forwarded requests; this one has the header {name}");
            return Err(Box::new(Problem::new(ProblemKind::BadRequest, detail)));
        }
        if !is_local(text(headers, HOST)) {
            let detail = "the agent serves 127.0.0.1 and localhost only";
            return Err(Box::new(Problem::new(ProblemKind::Forbidden, detail)));
        }
        let shown = text(headers, AUTHORIZATION).strip_prefix("Bearer ").unwrap_or_default();
        let sha256: [u8; 32] = Sha256::digest(shown.trim()).into();
        if shown.is_empty() || sha256 != self.sha256 {
            let detail = "send the agent's guard token as `Authorization: Bearer …`: in a Lambda function the value of \
                          AWS_SESSION_TOKEN, elsewhere the content of the file AGENT_GUARD_FILE";
            return Err(Box::new(Problem::new(ProblemKind::Unidentified, detail).challenge("Bearer")));
        }
        Ok(())
    }
}

fn text(headers: &HeaderMap, name: hyper::header::HeaderName) -> &str {
    match headers.get(name) {
        Some(value) => value.to_str().unwrap_or_default(),
        None => "",
    }
}

/// Whether the `Host` header names this machine, with or without a port.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    LOCAL_HOSTS.iter().any(|local| name.eq_ignore_ascii_case(local))
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn status(headers: &[(&'static str, &'static str)]) -> u16 {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        match Guard::new("guard").check(&pairs.collect()) {
            Ok(()) => 200,
            Err(problem) => problem.kind.status().as_u16(),
        }
    }

    #[test]
    fn check_wants_token_and_local_host() {
        let bearer = ("authorization", "Bearer guard");
        for host in ["127.0.0.1:2774", "localhost:2774", "LOCALHOST", "[::1]:2774", "[::1]"] {
            assert_eq!(status(&[("host", host), bearer]), 200, "{host}");
        }
        for host in ["evil.example", "evil.example:2774", "127.0.0.1.evil.example", "localhost:x", ""] {
            assert_eq!(status(&[("host", host), bearer]), 403, "{host}");
        }
        assert_eq!(status(&[bearer]), 403);
        for wrong in ["Bearer other", "Bearer ", "guard", "Basic guard", "Bearer guardguard"] {
            assert_eq!(status(&[("host", "localhost"), ("authorization", wrong)]), 401, "{wrong}");
        }
        assert_eq!(status(&[("host", "localhost")]), 401);
    }

    #[test]
    fn check_refuses_forwarded_requests() {
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] {
            let headers = [("host", "localhost"), ("authorization", "Bearer guard"), (name, "203.0.113.1")];
            assert_eq!(status(&headers), 400, "{name}");
        }
    }
}
