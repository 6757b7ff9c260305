//! vend over HTTP, as callers meet it: what stands in front of a function in Lambda, the snippets, the Rust client, and
//! schemathesis.

mod front;
mod schemathesis;
mod sigv4;
mod snippets;
