//! No secret is ever seen where it does not belong: in the log, the metrics, an answer, a debug print.

mod canaries;
mod documents;
mod echoes;
mod everyday;
mod proof;
mod requests;
mod story;
mod types;
mod watch;
