use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::*;

/// A TLS server of OpenSSL's, whose certificate an authority of its own has signed.
struct PrivateServer {
    process: Child,
    url: String,
}

impl PrivateServer {
    /// `None` where there is no OpenSSL.
    async fn start() -> Option<Self> {
        make_certificates()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let process = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &port, "-key", "key.pem", "-cert", "leaf.pem"])
            .current_dir(folder())
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

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("anchors-{}", std::process::id()))
}

/// An authority, and what it has signed. `None` where there is no OpenSSL.
fn make_certificates() -> Option<()> {
    std::fs::create_dir_all(folder()).unwrap();
    std::fs::write(folder().join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem")?;
    openssl("req -newkey rsa:2048 -nodes -subj /CN=leaf -keyout key.pem -out request.pem")?;
    openssl(
        "x509 -req -in request.pem -CA authority.pem -CAkey authority.key -set_serial 2 -extfile names -out leaf.pem",
    )
}

fn openssl(arguments: &str) -> Option<()> {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(folder()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) => {
            assert!(status.success(), "openssl {arguments}");
            Some(())
        }
        Err(_) => None,
    }
}

fn with_the_servers() -> TrustStore {
    TrustStore::empty().with_pem_certificate(std::fs::read(folder().join("authority.pem")).unwrap())
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
