//! One deployment on this machine: the simulator, the three functions as they are shipped, and Lambda's two ways to
//! invoke one from another.

mod aws;
mod clock;
mod deployment;
mod events;
mod lambda;
mod log;
mod orgs;
mod request;

pub(crate) use clock::ManualClock;
pub(crate) use deployment::{Answer, Deployment};
pub(crate) use events::{addressed, answered, event, to_request};
pub(crate) use lambda::run;
pub(crate) use log::logged;
pub(crate) use orgs::{App, DEVELOPER};
pub(crate) use request::{TestRequest, lines_about};
