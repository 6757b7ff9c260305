//! Authorisation by the operator's policy.

mod identities;
mod matrix;
mod silence;
