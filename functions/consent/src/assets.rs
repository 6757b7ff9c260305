//! What the pages load, all of it from here.

use lambda_http::http::header::CACHE_CONTROL;
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use sha2::{Digest as _, Sha256};

/// A file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset {
    Style,
    Script,
    Mark,
}

impl Asset {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "consent.css" => Some(Self::Style),
            "consent.js" => Some(Self::Script),
            "mark.svg" => Some(Self::Mark),
            _ => None,
        }
    }

    fn content(self) -> (&'static str, &'static str) {
        match self {
            Self::Style => ("text/css; charset=utf-8", include_str!("../assets/consent.css")),
            Self::Script => ("text/javascript; charset=utf-8", include_str!("../assets/consent.js")),
            Self::Mark => ("image/svg+xml", include_str!("../assets/mark.svg")),
        }
    }

    /// The file. Pages name it with its version, so that it may be kept for long.
    pub(crate) fn response(self) -> Response<Body> {
        let (kind, text) = self.content();
        let mut response = http_function::answer(StatusCode::OK, kind, text.to_owned());
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, forever);
        response
    }
}

/// Changes with any of the files.
pub(crate) fn version() -> String {
    let mut digest = Sha256::new();
    for asset in [Asset::Style, Asset::Script, Asset::Mark] {
        digest.update(asset.content().1);
    }
    hex::encode(&digest.finalize()[..4])
}
