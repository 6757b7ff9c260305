//! Secrets Manager, as AWS documents it.

mod lifecycle;
mod lists;
mod quotas;
mod stages;
mod values;
