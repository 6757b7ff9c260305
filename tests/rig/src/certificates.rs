//! The certificates of the stand-in for AWS: a chain of RSA keys, as long as AWS's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// Where systems keep their trust anchors: Debian's, and that of Amazon Linux.
const SYSTEM_ANCHORS: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const AMAZON_ROOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/lambda-kit/src/aws/amazon-roots.pem");

/// Files with a certificate of `localhost` and with the trust anchors of a function.
pub struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// Makes them with OpenSSL.
    pub fn make() -> anyhow::Result<Self> {
        let made = Self { folder: tempfile::tempdir()? };
        made.make_root()?;
        made.sign("intermediate", "root", "basicConstraints=critical,CA:TRUE\n")?;
        made.sign("leaf", "intermediate", "subjectAltName=DNS:localhost\n")?;
        made.join("chain.pem", &[made.path("leaf.pem"), made.path("intermediate.pem")])?;
        made.join("few.pem", &[AMAZON_ROOTS.into(), made.path("root.pem")])?;
        let system = SYSTEM_ANCHORS.into_iter().find(|path| Path::new(path).exists());
        made.join("all.pem", &[system.context("no trust anchors of the system")?.into(), made.path("root.pem")])?;
        Ok(made)
    }

    /// The certificate of `localhost` and the one that has signed it.
    pub(crate) fn chain(&self) -> PathBuf {
        self.path("chain.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.path("leaf.key")
    }

    /// As many trust anchors as a function needs that trusts Amazon's roots first.
    pub(crate) fn few_anchors(&self) -> PathBuf {
        self.path("few.pem")
    }

    /// The system's trust anchors.
    pub(crate) fn all_anchors(&self) -> PathBuf {
        self.path("all.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn join(&self, name: &str, parts: &[PathBuf]) -> anyhow::Result<()> {
        let texts: Result<Vec<String>, _> = parts.iter().map(std::fs::read_to_string).collect();
        Ok(std::fs::write(self.path(name), texts?.concat())?)
    }

    fn make_root(&self) -> anyhow::Result<()> {
        self.openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root -keyout root.key -out root.pem")
    }

    fn sign(&self, name: &str, issuer: &str, extensions: &str) -> anyhow::Result<()> {
        std::fs::write(self.path("extensions"), extensions)?;
        self.openssl(&format!("req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"))?;
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days 2 -extfile extensions \
             -out {name}.pem"
        ))
    }

    fn openssl(&self, arguments: &str) -> anyhow::Result<()> {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(self.folder.path());
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().context("openssl is needed")?;
        ensure!(status.success(), "openssl {arguments}: {status}");
        Ok(())
    }
}
