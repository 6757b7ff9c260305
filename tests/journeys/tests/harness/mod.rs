//! One deployment in this process: the simulator, the functions' own handlers, and a stand-in for Lambda's Invoke API.

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
