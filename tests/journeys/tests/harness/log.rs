//! The log of the whole test binary at level TRACE, in the functions' own format.

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

/// Collects the log and the metrics for [`logged`].
pub(super) fn install() {
    INSTALLED.call_once(|| {
        let _ = tracing::subscriber::set_global_default(lambda_kit::log::subscriber(LevelFilter::TRACE, || Lines));
    });
}

pub(super) fn metrics() -> lambda_kit::metrics::Metrics {
    lambda_kit::metrics::Metrics::to(Lines)
}

/// All log lines and metrics that every test of this process has written so far.
pub(crate) fn logged() -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}
