//! What is wrong with a configuration.

use std::fmt;

/// One variable that is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidVariable {
    /// The name of the variable.
    pub variable: &'static str,
    /// Its value, if there is one and it may be shown.
    pub value: Option<String>,
    /// What the value must be; completes the sentence "it must be …".
    pub allowed: String,
}

impl InvalidVariable {
    /// A variable without a default that is not set. `allowed` completes the sentence "it must be …".
    pub fn missing(variable: &'static str, allowed: &str) -> Self {
        Self { variable, value: None, allowed: allowed.to_owned() }
    }
}

impl fmt::Display for InvalidVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} is {value:?}: it must be {}", self.variable, self.allowed),
            None => write!(f, "{} must be {}", self.variable, self.allowed),
        }
    }
}

/// All problems of a configuration. A function with such a configuration does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidConfig(pub Vec<InvalidVariable>);

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidConfig {}
