//! A browser, as much of one as a consent needs: it keeps cookies, follows no redirect by itself, and fills in forms.

use std::collections::BTreeMap;

use anyhow::Context as _;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, redirect};
use url::Url;

/// Somebody's browser.
pub(crate) struct Browser {
    client: Client,
    /// By host: a browser does not tell ports apart.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Where it is.
    url: Url,
}

/// What a page said.
pub(crate) struct Page {
    /// The status.
    pub(crate) status: u16,
    /// Where it leads on, if it does by itself.
    pub(crate) leads_to: Option<Url>,
    /// Its HTML.
    html: String,
}

impl Browser {
    /// A fresh one, about to open `url`.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?;
        Ok(Self { client, cookies: BTreeMap::new(), url: url.parse()? })
    }

    /// Opens an address, seen from where it is.
    pub(crate) async fn open(&mut self, address: &str) -> anyhow::Result<Page> {
        self.url = self.url.join(address)?;
        let request = self.client.get(self.url.clone());
        self.send(request).await
    }

    /// Fills in the page's only form, and sends it.
    pub(crate) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.url = self.url.join(&page.form().context("there is no form on the page")?)?;
        let request = self.client.post(self.url.clone()).form(fields);
        self.send(request).await
    }

    async fn send(&mut self, request: RequestBuilder) -> anyhow::Result<Page> {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        let jar = self.cookies.entry(host).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.context("the page does not answer")?;
        keep(jar, answer.headers());
        let leads_to = answer.headers().get(LOCATION).and_then(|to| self.url.join(to.to_str().ok()?).ok());
        Ok(Page { status: answer.status().as_u16(), leads_to, html: answer.text().await? })
    }
}

impl Page {
    /// Its heading.
    pub(crate) fn heading(&self) -> &str {
        self.between("<h1", "</h1>").and_then(|heading| heading.split_once('>')).map_or("", |(_, words)| words.trim())
    }

    /// Whether it says this.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }

    /// Where its form goes.
    fn form(&self) -> Option<String> {
        self.between("action=\"", "\"").map(|action| action.replace("&amp;", "&"))
    }

    fn between(&self, start: &str, end: &str) -> Option<&str> {
        self.html.split_once(start)?.1.split_once(end).map(|(found, _)| found)
    }
}

/// Takes cookies in, and throws those away that are taken back.
fn keep(jar: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    let cookies = headers.get_all(SET_COOKIE).into_iter().filter_map(|cookie| cookie.to_str().ok());
    for (name, rest) in cookies.filter_map(|cookie| cookie.split_once('=')) {
        match rest.split(';').next() {
            Some(value) if !value.is_empty() && !rest.contains("Max-Age=0") => jar.insert(name.into(), value.into()),
            _ => jar.remove(name),
        };
    }
}
