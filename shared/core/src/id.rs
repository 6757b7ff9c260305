//! The names of things, each parsed once and then trusted.

mod application;
mod grant;
mod name;
mod org;
mod urn;

pub use application::ApplicationId;
pub use grant::{GrantId, Subject};
pub use name::{AppName, GrantName, InvalidName};
pub use org::{InvalidOrgId, OrgId};
