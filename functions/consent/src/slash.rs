//! Addresses with a slash too many or too few, from which relative links would lead elsewhere.

use lambda_http::Request;
use lambda_kit::http_function;

/// The relative address without the slash at the end of the path; `None` if there is none, or if the path is the root.
pub(crate) fn without(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let shorter = path.strip_suffix('/')?;
    let is_root = http_function::segments(request) == [""];
    if is_root || shorter.ends_with('/') {
        return None;
    }
    let last = shorter.rsplit('/').next()?;
    Some(with_query(&format!("../{last}"), request))
}

/// `path` with the query of `request`.
pub(crate) fn with_query(path: &str, request: &Request) -> String {
    match request.uri().query() {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    #[test]
    fn without_leads_to_the_same_page() {
        for (address, expected) in [
            ("/fleet/", Some("../fleet")),
            ("/fleet/reports/default/?a=b", Some("../default?a=b")),
            ("/fleet", None),
            ("/", None),
            ("/fleet//", None),
        ] {
            let request = lambda_http::http::Request::get(address).body(Body::Empty).unwrap();
            assert_eq!(without(&request).as_deref(), expected, "{address}");
        }
    }
}
