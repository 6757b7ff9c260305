//! The endpoints, one file each: request, handler and response.

pub(crate) mod guests;
pub(crate) mod healthz;
pub(crate) mod list;
pub(crate) mod openapi;
pub(crate) mod rejected;
pub(crate) mod request;
mod revealed;
pub(crate) mod token;
