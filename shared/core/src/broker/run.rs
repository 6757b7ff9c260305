//! What one invocation knows.

use futures_util::lock::Mutex;
use jiff::SignedDuration;

use crate::clock::Deadline;
use crate::token::AccessToken;

/// Time kept back from calls to Webex, so that what they bring can still be stored.
const STORING: SignedDuration = SignedDuration::from_secs(4);

/// One invocation: its deadline, and what has been found out since it began.
pub struct Run {
    /// When it must have answered.
    pub deadline: Deadline,
    /// The minter's access token, once it was needed. The lock is held while it is got, so that it is got once.
    pub(super) bearer: Mutex<Option<AccessToken>>,
    /// Whether the store takes writes, once that was asked.
    pub(super) writable: Mutex<Option<bool>>,
}

impl Run {
    /// An invocation that ends at `deadline`.
    pub fn until(deadline: Deadline) -> Self {
        Self {
            deadline,
            bearer: Mutex::new(None),
            writable: Mutex::new(None),
        }
    }

    /// When calls to Webex must have ended.
    pub(super) fn asking(&self) -> Deadline {
        self.deadline.keeping(STORING)
    }
}
