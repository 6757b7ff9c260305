//! A Lambda function with an HTTP front that does nothing: `cargo bench-all` measures the functions beside it.

use std::convert::Infallible;

use lambda_http::{Body, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::run(service_fn(|_: Request| async { Ok::<_, Infallible>(Response::new(Body::Empty)) })).await
}
