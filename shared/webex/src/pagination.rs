//! Pagination by `Link` headers (RFC 8288), of which Webex guarantees only `next`.

use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// Where the next page of a list is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextPage {
    /// This page is the last one.
    None,
    /// At this URL, which has the origin that the credentials are for.
    At(Url),
    /// At a URL that must not receive the credentials, or at an invalid one.
    OtherOrigin,
}

/// Finds the page after the one at `current`.
pub(crate) fn next_page(headers: &HeaderMap, current: &Url) -> NextPage {
    let Some(target) = next_target(headers) else {
        return NextPage::None;
    };
    match current.join(target) {
        Ok(page) if is_safe(&page, current) => NextPage::At(page),
        _ => NextPage::OtherOrigin,
    }
}

fn next_target(headers: &HeaderMap) -> Option<&str> {
    for value in headers.get_all(LINK) {
        let Ok(value) = value.to_str() else { continue };
        for link in links(value) {
            if let Some((target, parameters)) = target_and_parameters(link)
                && parameters.split(';').any(is_rel_next)
            {
                return Some(target);
            }
        }
    }
    None
}

/// Whether the credentials may be sent to `page`. A user name in the URL would become a second `Authorization`.
fn is_safe(page: &Url, current: &Url) -> bool {
    page.origin() == current.origin() && page.username().is_empty() && page.password().is_none()
}

/// Splits a header into its links. A comma separates two links unless it is inside a target or quotes.
fn links(value: &str) -> impl Iterator<Item = &str> {
    let mut in_target = false;
    let mut in_quotes = false;
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

/// Splits `<target>; name="value"; …` into the target and its parameters.
fn target_and_parameters(link: &str) -> Option<(&str, &str)> {
    link.trim().strip_prefix('<')?.split_once('>')
}

/// Whether a parameter is `rel="next"`. A relation may be one of several, in any case.
fn is_rel_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_page_one(link: &str) -> NextPage {
        let mut headers = HeaderMap::new();
        headers.append(LINK, link.parse().unwrap());
        next_page(&headers, &"https://webexapis.com/v1/webhooks?max=100".parse().unwrap())
    }

    fn page(url: &str) -> NextPage {
        NextPage::At(url.parse().unwrap())
    }

    #[test]
    fn next_link_is_found_among_others_in_any_spelling() {
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
    fn header_without_a_next_link_ends_the_list() {
        for link in ["", "garbage", r#"</v1/webhooks>; rel="prev""#, r#"</v1>; title="next""#, "<"] {
            assert_eq!(after_page_one(link), NextPage::None, "{link}");
        }
    }

    #[test]
    fn next_link_to_another_origin_is_refused() {
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
            assert_eq!(after_page_one(&format!("<{target}>; rel=next")), NextPage::OtherOrigin, "{target}");
        }
    }
}
