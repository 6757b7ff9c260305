//! A Secrets Manager that knows one secret. A warm function reads it once, so that nothing of it is measured.
//!
//! The simulator would do as well, but its server gives the crates other features than the deployed functions have.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

/// Answers every request on a port of this machine with one secret, until the process ends. Returns the endpoint's URL.
pub(crate) fn serve(name: &str, value: &Value) -> anyhow::Result<String> {
    let answer = json!({
        "ARN": format!("arn:aws:secretsmanager:eu-central-1:111122223333:secret:{name}-AbCdEf"),
        "Name": name,
        "SecretString": value.to_string(),
        "VersionId": "11111111-1111-4111-8111-111111111111",
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1_760_000_000,
    });
    let answer = answer.to_string();
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer_all(stream, &answer));
        }
    });
    Ok(url)
}

/// Answers the requests of one connection until the client closes it.
fn answer_all(stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut requests = BufReader::new(stream.try_clone()?);
    let mut answers = stream;
    while skip_request(&mut requests)? {
        let length = answer.len();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {length}\r\n\r\n");
        answers.write_all(head.as_bytes())?;
        answers.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Reads one request to its end; false if there is none.
fn skip_request(requests: &mut impl BufRead) -> std::io::Result<bool> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut requests.take(length), &mut std::io::sink())?;
    Ok(true)
}
