//! Authorisation by the operator's policy.

mod matrix;
mod silence;
