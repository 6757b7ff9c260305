//! The functions that are measured, without network and without account.

pub mod functions;
mod one_secret;
pub mod scale;
