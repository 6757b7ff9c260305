//! The names of things, each parsed once and then trusted.

mod application;
mod name;
mod org;

mod urn;

pub use application::ApplicationId;
pub use name::{AppName, GrantId, InvalidName, Subject};
pub use org::{InvalidOrgId, OrgId};
