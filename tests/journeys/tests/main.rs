//! Stories over HTTP through the real handlers, the state machine against a model, and what must be true of the
//! repository itself.

mod harness;
mod model;
mod stories;
mod tidy;
