//! Configuration from the environment.
//!
//! Each function declares its variables in its own `settings.rs` and reads them with a [`Reader`], which collects every
//! problem, so that an operator sees all of them at once.

mod error;
mod reader;
#[cfg(feature = "testing")]
pub mod testing;
mod value;

pub use error::{InvalidConfig, InvalidVariable};
pub use reader::{Reader, Variable};
pub use value::base_url;
pub(crate) use value::is_loopback;

/// Looks up the value of a variable. An empty value counts as none.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Looks up a variable in the environment of the process. Nothing else in the workspace reads the environment.
#[expect(clippy::disallowed_methods, reason = "the one permitted home of the environment")]
pub fn environment(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    Some(value.to_string_lossy().into_owned())
}
