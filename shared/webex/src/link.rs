//! Pagination by `Link` headers (RFC 8288), of which Webex guarantees only `next`.

use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// What the headers say about the page after this one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is none.
    Nothing,
    /// It is here, at the origin that the credentials are for.
    Page(Url),
    /// It is somewhere that must not see our credentials, or nowhere.
    Elsewhere,
}

/// The page after the one at `current`.
pub(crate) fn next(headers: &HeaderMap, current: &Url) -> Next {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let Some(target) = values.flat_map(links).find_map(target_if_next) else {
        return Next::Nothing;
    };
    match current.join(target) {
        Ok(page) if is_safe(&page, current) => Next::Page(page),
        _ => Next::Elsewhere,
    }
}

/// A user name in the link would be sent as a second `Authorization`.
fn is_safe(page: &Url, current: &Url) -> bool {
    page.origin() == current.origin() && page.username().is_empty() && page.password().is_none()
}

/// The links of one header. A comma separates them unless it stands in a target or in quotes.
fn links(value: &str) -> impl Iterator<Item = &str> {
    let (mut in_target, mut in_quotes) = (false, false);
    value.split(move |c| {
        match c {
            '<' if !in_quotes => in_target = true,
            '>' if !in_quotes => in_target = false,
            '"' if !in_target => in_quotes = !in_quotes,
            _ => {}
        }
        c == ',' && !in_target && !in_quotes
    })
}

/// The target of `<target>; rel="next"`.
fn target_if_next(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or_default();
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    };
    parameters.split(';').any(is_next).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_page_one(link: &str) -> Next {
        let mut headers = HeaderMap::new();
        headers.append(LINK, link.parse().unwrap());
        next(&headers, &"https://webexapis.com/v1/webhooks?max=100".parse().unwrap())
    }

    fn page(url: &str) -> Next {
        Next::Page(url.parse().unwrap())
    }

    #[test]
    fn next_is_found_among_others_in_any_spelling() {
        let two = page("https://webexapis.com/v1/webhooks?cursor=a,b");
        for link in [
            r#"<https://webexapis.com/v1/webhooks?cursor=a,b>; rel="next""#,
            r#"<https://x.example/>; rel="first", </v1/webhooks?cursor=a,b>; title="a, b"; rel=NEXT"#,
            r#"<?cursor=a,b>;rel="prev next""#,
        ] {
            assert_eq!(after_page_one(link), two, "{link}");
        }
    }

    #[test]
    fn what_is_not_next_is_the_end() {
        for link in ["", "garbage", r#"</v1/webhooks>; rel="prev""#, r#"</v1>; title="next""#, "<"] {
            assert_eq!(after_page_one(link), Next::Nothing, "{link}");
        }
    }

    #[test]
    fn credentials_stay_at_home() {
        for target in [
            "https://evil.example/v1/webhooks",
            "http://webexapis.com/v1/webhooks",
            "https://webexapis.com:8443/v1/webhooks",
            "https://webexapis.com@evil.example/",
            "https://user:password@webexapis.com/v1/webhooks",
            "//evil.example/v1",
            "data:text/plain,x",
            "https://[",
        ] {
            assert_eq!(after_page_one(&format!("<{target}>; rel=next")), Next::Elsewhere, "{target}");
        }
    }
}
