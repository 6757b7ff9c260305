//! Captures the log of each test by its thread.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to capture everything that is logged, at any level and in any crate. It is set for the whole process, because
/// a call site that logs before its thread has a subscriber stays silent.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().json().with_max_level(LevelFilter::TRACE);
        tracing::subscriber::set_global_default(subscriber.with_writer(|| ThisThread).finish()).unwrap();
    });
}

/// Takes what this thread has logged since the last call.
pub(crate) fn take() -> String {
    String::from_utf8(LOGGED.take()).unwrap()
}
