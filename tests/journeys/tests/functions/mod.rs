//! Every door of contract.md, line by line: what is asked, what is answered, and in which order things are looked at.

mod events;
mod refresher;
mod vend;
mod webhook;
