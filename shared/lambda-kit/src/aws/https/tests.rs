use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::*;

/// A TLS server of OpenSSL's with a certificate that it has signed itself, and the certificate.
struct PrivateServer {
    process: Child,
    url: String,
}

impl PrivateServer {
    /// `None` where there is no OpenSSL.
    async fn start() -> Option<Self> {
        let folder = folder();
        std::fs::create_dir_all(&folder).unwrap();
        let (key, certificate) = (format!("{folder}/key.pem"), certificate_file());
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-keyout", &key, "-out", &certificate])
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let process = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &port, "-key", &key, "-cert", &certificate])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.is_err() {
            tokio::task::yield_now().await;
        }
        Some(Self { process, url: format!("https://localhost:{port}/") })
    }

    async fn answers(&self, connector: &SharedHttpConnector) -> Result<u16, ConnectorError> {
        let request = HttpRequest::get(&self.url).unwrap();
        connector.call(request).await.map(|response| response.status().as_u16())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> String {
    format!("{}/anchors-{}", std::env::temp_dir().display(), std::process::id())
}

fn certificate_file() -> String {
    format!("{}/certificate.pem", folder())
}

fn with_the_servers() -> TrustStore {
    TrustStore::empty().with_pem_certificate(std::fs::read(certificate_file()).unwrap())
}

fn amazons() -> TrustStore {
    TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
}

#[tokio::test]
async fn anchors_that_lack_the_issuer_are_followed_by_all() {
    let Some(server) = PrivateServer::start().await else {
        println!("skipped: there is no openssl on this machine");
        return;
    };
    let by_need = AnchorsByNeed::shared(amazons(), with_the_servers);
    assert_eq!(server.answers(&by_need).await.unwrap(), 200);
    assert_eq!(server.answers(&by_need).await.unwrap(), 200, "by all anchors at once");

    let refused = server.answers(&AnchorsByNeed::shared(amazons(), amazons)).await.unwrap_err();
    assert!(is_unknown_issuer(&refused), "no anchor has signed the server's certificate: {refused:?}");
    std::fs::remove_dir_all(folder()).unwrap();
}

#[test]
fn amazons_roots_are_five() {
    let text = String::from_utf8_lossy(AMAZON_ROOTS);
    assert_eq!(text.matches("-----BEGIN CERTIFICATE-----").count(), 5);
}
