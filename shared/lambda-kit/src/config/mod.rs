//! Configuration from the environment, as `/README.md` lists it.
//!
//! [`Reader`] reads variables and remembers every problem, so that an operator sees all of them at once. Its getters
//! return `None` only after noting why; [`Reader::finish`] turns that into an error.

mod check;
mod reader;

pub use check::base_url;
pub(crate) use check::is_loopback;
pub(crate) use reader::Also;
pub use reader::{Invalid, InvalidConfig, Reader};

/// Where a variable's value comes from. An empty value counts as none.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's environment: the only place where it is read.
#[expect(clippy::disallowed_methods, reason = "the one permitted home of the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
