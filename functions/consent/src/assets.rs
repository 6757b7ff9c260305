//! `GET /assets/{file}`: everything that the pages load.

use lambda_http::http::header::CACHE_CONTROL;
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use sha2::{Digest as _, Sha256};

/// A file in `assets/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset {
    Style,
    Script,
    Mark,
}

impl Asset {
    pub(crate) fn find(name: &str) -> Option<Self> {
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

    /// The file, which browsers may keep for a year: pages name it with its version.
    pub(crate) fn response(self) -> Response<Body> {
        let (content_type, text) = self.content();
        let mut response = http_function::answer(StatusCode::OK, content_type, text.to_owned());
        let immutable = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, immutable);
        response
    }
}

/// Returns a version that changes with any of the files.
pub(crate) fn version() -> String {
    let mut digest = Sha256::new();
    for asset in [Asset::Style, Asset::Script, Asset::Mark] {
        digest.update(asset.content().1);
    }
    hex::encode(&digest.finalize()[..4])
}
