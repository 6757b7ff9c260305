//! The endpoints, one file each: handler and response.

pub(crate) mod assets;
pub(crate) mod callback;
pub(crate) mod home;
pub(crate) mod key;
pub(crate) mod lock;
mod requested_grant;
pub(crate) mod review;
pub(crate) mod start;
