//! A minimal browser for the consent flow: it keeps cookies and submits forms, and shows redirects instead of following.

use std::collections::BTreeMap;

use anyhow::Context as _;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, redirect};
use url::Url;

/// A browser of one person.
pub(crate) struct Browser {
    client: Client,
    /// Names and values by host: cookies do not depend on the port.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// The address of the current page.
    url: Url,
}

/// A response to the browser.
pub(crate) struct Page {
    pub(crate) status: u16,
    /// The address that the response redirects to.
    pub(crate) redirect: Option<Url>,
    html: String,
}

impl Browser {
    /// A browser without cookies, whose relative addresses start at `url`.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?;
        Ok(Self { client, cookies: BTreeMap::new(), url: url.parse()? })
    }

    /// Opens an address, which may be relative to the current page.
    pub(crate) async fn open(&mut self, address: &str) -> anyhow::Result<Page> {
        self.url = self.url.join(address)?;
        let request = self.client.get(self.url.clone());
        self.send(request).await
    }

    /// Submits the first form of the page with these fields.
    pub(crate) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let action = page.form_action().with_context(|| format!("{} has no form", self.url))?;
        self.url = self.url.join(&action)?;
        let request = self.client.post(self.url.clone()).form(fields);
        self.send(request).await
    }

    async fn send(&mut self, request: RequestBuilder) -> anyhow::Result<Page> {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        let jar = self.cookies.entry(host).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await;
        let response = response.with_context(|| format!("{} does not answer", self.url))?;
        store_cookies(jar, response.headers());
        let redirect = match response.headers().get(LOCATION) {
            Some(location) => Some(self.url.join(location.to_str()?)?),
            None => None,
        };
        Ok(Page { status: response.status().as_u16(), redirect, html: response.text().await? })
    }
}

impl Page {
    /// The text of the first `h1`; empty if there is none.
    pub(crate) fn heading(&self) -> &str {
        let heading = self.between("<h1", "</h1>").unwrap_or_default();
        heading.split_once('>').unwrap_or_default().1.trim()
    }

    /// Whether the HTML contains this text.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    fn form_action(&self) -> Option<String> {
        Some(self.between("action=\"", "\"")?.replace("&amp;", "&"))
    }

    fn between(&self, start: &str, end: &str) -> Option<&str> {
        let (_, rest) = self.html.split_once(start)?;
        let (found, _) = rest.split_once(end)?;
        Some(found)
    }
}

/// Stores the cookies of a response, and removes those that it deletes.
fn store_cookies(jar: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    let cookies = headers.get_all(SET_COOKIE).into_iter().filter_map(|cookie| cookie.to_str().ok());
    for (name, rest) in cookies.filter_map(|cookie| cookie.split_once('=')) {
        match rest.split(';').next() {
            Some(value) if !value.is_empty() && !rest.contains("Max-Age=0") => jar.insert(name.into(), value.into()),
            _ => jar.remove(name),
        };
    }
}
