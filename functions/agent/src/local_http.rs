//! A client for plain HTTP on this machine, without the trust anchors that an HTTPS client reads first.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalHttpError {
    /// Nothing listens there.
    #[error("cannot connect: {0}")]
    Connect(#[from] std::io::Error),
    /// The connection ended, or what came is not HTTP.
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
}

/// Sends one request to `address`, a host and a port, and reads the whole answer.
pub(crate) async fn send(address: &str, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, LocalHttpError> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(Response::from_parts(parts, body))
}
