//! Who may have what, as the operator says.

mod matrix;
mod silence;
