//! One deployment on this machine: the simulator, the three functions as they are shipped, and Lambda's two ways to
//! invoke one from another.

mod aws;
mod clock;
mod door;
mod events;
mod lambda;
mod log;
mod people;
mod world;

pub(crate) use clock::TestClock;
pub(crate) use door::{Knock, lines_about};
pub(crate) use events::{addressed, answered, event, to_request};
pub(crate) use lambda::run;
pub(crate) use log::logged;
pub(crate) use people::{App, DEVELOPER};
pub(crate) use world::{Answer, World};
