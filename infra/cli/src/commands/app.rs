//! `wtb app`: the apps and their credentials.

mod add;
mod check;
mod remove;
mod rotate;

pub(super) use add::add;
pub(super) use check::check;
pub(super) use remove::remove;
pub(super) use rotate::rotate_secret;
