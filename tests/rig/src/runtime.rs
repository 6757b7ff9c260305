//! Lambda's Runtime API for one process, in threads that block: it takes some microseconds of an invocation.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::lock;
use crate::message::HttpMessage;
use crate::spread::Spread;

/// Longest wait for a function.
const PATIENCE: Duration = Duration::from_mins(2);

/// The Runtime API of one process.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    polls: Receiver<Poll>,
    answers: Receiver<(Instant, Vec<u8>)>,
    sent: SentAt,
    waiting: Option<Poll>,
}

/// When the last event was sent. The connection that sends it sets it.
type SentAt = Arc<Mutex<Option<Instant>>>;

/// A request for the next event, which waits.
struct Poll {
    at: Instant,
    event: Sender<Vec<u8>>,
}

#[derive(Clone)]
struct Connections {
    polls: Sender<Poll>,
    answers: Sender<(Instant, Vec<u8>)>,
    sent: SentAt,
}

impl RuntimeApi {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (polls, polled) = channel();
        let (answers, answered) = channel();
        let connections = Connections { polls, answers, sent: SentAt::default() };
        let sent = Arc::clone(&connections.sent);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connections = connections.clone();
                thread::spawn(move || connections.serve(stream));
            }
        });
        Ok(Self { address, polls: polled, answers: answered, sent, waiting: None })
    }

    /// Waits until the function asks for an event; returns when it did.
    pub(crate) fn polled(&mut self) -> anyhow::Result<Instant> {
        let poll = match self.waiting.take() {
            Some(poll) => poll,
            None => self.polls.recv_timeout(PATIENCE).context("the function asks for no event")?,
        };
        Ok(self.waiting.insert(poll).at)
    }

    /// Sends the event; returns the answer and the time from the event's first byte to the answer's last.
    pub(crate) fn invoke(&mut self, event: &[u8]) -> anyhow::Result<(Duration, Vec<u8>)> {
        self.polled()?;
        let poll = self.waiting.take().context("the function asks for no event")?;
        poll.event.send(event.to_vec())?;
        let (at, body) = self.answers.recv_timeout(PATIENCE).context("the function gives no answer")?;
        let sent = lock(&self.sent).context("no event was sent")?;
        Ok((at.duration_since(sent), body))
    }
}

impl Connections {
    fn serve(&self, stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let mut requests = BufReader::new(stream.try_clone()?);
        let mut responses = stream;
        while let Some(request) = HttpMessage::read(&mut requests)? {
            let at = Instant::now();
            if request.start.starts_with("GET") {
                let (event, next) = channel();
                self.polls.send(Poll { at, event })?;
                let response = event_response(&next.recv()?);
                *lock(&self.sent) = Some(Instant::now());
                responses.write_all(&response)?;
            } else {
                self.answers.send((at, request.body))?;
                responses.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
            }
        }
        Ok(())
    }
}

fn event_response(event: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-4000-8000-000000000000\r\n\
         lambda-runtime-deadline-ms: 4102444800000\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:function\r\n\r\n",
        event.len()
    );
    [head.as_bytes(), event].concat()
}

/// The time of an invocation of a client that does nothing: the part of every figure that is the stand-in's.
pub fn floor(invocations: usize) -> anyhow::Result<Spread> {
    let mut api = RuntimeApi::start()?;
    let address = api.address;
    thread::spawn(move || answer_nothing(address));
    let mut times = Vec::new();
    for _ in 0..invocations {
        let (took, _) = api.invoke(b"{}")?;
        times.push(took.as_secs_f64());
    }
    Spread::of(times).context("no invocation")
}

fn answer_nothing(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut responses = BufReader::new(stream.try_clone()?);
    loop {
        stream.write_all(b"GET /next HTTP/1.1\r\n\r\n")?;
        skip_response(&mut responses)?;
        stream.write_all(b"POST /response HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")?;
        skip_response(&mut responses)?;
    }
}

fn skip_response(responses: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    match HttpMessage::read(responses)? {
        Some(_) => Ok(()),
        None => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}
