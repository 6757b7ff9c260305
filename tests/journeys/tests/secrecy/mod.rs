//! No secret appears in the log, in metrics, in an answer that should not hold it, or in debug output.

mod canaries;
mod data_sources;
mod debug_output;
mod echoes;
mod everyday;
mod leak_detector;
mod malformed_documents;
mod misplaced_secrets;
mod self_test;
mod story;
