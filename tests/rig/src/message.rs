//! One HTTP/1.1 request, as Lambda's and AWS's clients send it.

use std::io::{self, BufRead, Read as _};

/// A request that was read to its end.
pub(crate) struct HttpMessage {
    /// `GET /path HTTP/1.1`.
    pub(crate) start: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl HttpMessage {
    /// The next request of a connection; `None` if the client has closed it.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let start = read_line(from)?;
        if start.is_empty() {
            return Ok(None);
        }
        let mut message = Self { start, headers: Vec::new(), body: Vec::new() };
        loop {
            let line = read_line(from)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            message.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if message.header("transfer-encoding").is_some() {
            message.read_chunks(from)?;
        } else {
            let length = message.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            from.take(length).read_to_end(&mut message.body)?;
        }
        Ok(Some(message))
    }

    /// The value of a header whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    fn read_chunks(&mut self, from: &mut impl BufRead) -> io::Result<()> {
        loop {
            let size = u64::from_str_radix(&read_line(from)?, 16).unwrap_or(0);
            from.take(size).read_to_end(&mut self.body)?;
            read_line(from)?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}
