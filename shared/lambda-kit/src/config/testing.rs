//! Checks that the tests of every function's settings make.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{InvalidConfig, Lookup, Variable};

/// Reads settings through `lookup`, as `Settings::read` does.
type Read<T> = fn(Lookup<'_>) -> Result<T, InvalidConfig>;

/// Asserts that `read` looks up the variables that the function declares, and no others.
///
/// # Panics
/// If it does not, or if unset variables are refused.
#[track_caller]
pub fn assert_reads_exactly<T>(declared: &[Variable], read: Read<T>) {
    let looked_up = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        looked_up.borrow_mut().insert(name.to_owned());
        None
    };
    if let Err(invalid) = read(&lookup) {
        panic!("refused although no variable is set: {invalid}");
    }
    let declared = declared.iter().map(|variable| variable.name.to_owned()).collect();
    assert_eq!(looked_up.into_inner(), declared, "left: the variables that are read, right: those declared");
}

/// Asserts that each of the malformed values, set alone, is refused with a message that begins with the variable and the
/// value.
///
/// # Panics
/// If one is not.
#[track_caller]
pub fn assert_refused_by_name<T>(malformed: &[(&str, &str)], read: Read<T>) {
    for (name, value) in malformed {
        let lookup = |variable: &str| if variable == *name { Some((*value).to_owned()) } else { None };
        let Err(invalid) = read(&lookup) else { panic!("{name}={value} is not refused") };
        let message = invalid.to_string();
        assert!(message.starts_with(&format!("{name} is {value:?}: it must be ")), "{message}");
    }
}
