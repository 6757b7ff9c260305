//! The log of the whole test binary, as the functions write it, at the finest level there is.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing::level_filters::LevelFilter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static INSTALLED: Once = Once::new();

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends the log where [`logged`] finds it; the metrics as well.
pub(super) fn install() {
    INSTALLED.call_once(|| {
        let _ = tracing::subscriber::set_global_default(lambda_kit::log::subscriber(LevelFilter::TRACE, || Lines));
    });
}

pub(super) fn metrics() -> lambda_kit::metrics::Metrics {
    lambda_kit::metrics::Metrics::to(Lines)
}

/// Everything that was logged or measured so far, by every test.
pub(crate) fn logged() -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}
