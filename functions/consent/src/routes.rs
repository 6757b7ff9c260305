//! The endpoints, one file each: handler and response.

pub(crate) mod act;
pub(crate) mod apps;
pub(crate) mod callback;
pub(crate) mod confirm;
mod existing_grant;
pub(crate) mod fleet;
mod fleet_search;
pub(crate) mod grant;
pub(crate) mod home;
pub(crate) mod invited;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod lock;
pub(crate) mod minter;
mod requested_grant;
pub(crate) mod review;
pub(crate) mod start;
