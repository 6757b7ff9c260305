//! The questions that vend must refuse.

use broker_core::error::chain;
use client::{Error, VendedToken};

/// A request that vend must refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalCase {
    /// An allowed caller asks for the minter's token.
    Minter,
    /// A caller without a signature asks for the token of the probed grant.
    Unsigned,
    /// A role that reaches vend, and that the caller policy must not permit, asks for the token of the probed grant.
    Stranger,
}

/// Whether vend refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It did.
    Refused,
    /// It gave a token.
    NotRefused,
    /// It was not asked, or the answer is neither a token nor its refusal.
    Unknown(String),
}

impl RefusalCase {
    /// The name in the answer.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minter => "minter",
            Self::Unsigned => "unsigned",
            Self::Stranger => "stranger",
        }
    }

    /// What happened if vend did not refuse, for the log.
    pub(crate) fn breach(self) -> &'static str {
        match self {
            Self::Minter => "vend gave the minter's token to a caller",
            Self::Unsigned => "vend gave a token to a caller without a signature",
            Self::Stranger => "vend gave a token to a role that the caller policy must not permit",
        }
    }

    /// Reads the answer of vend.
    ///
    /// A signed request must be refused by vend itself, in a problem document: AWS's own refusal shows that the role lacks
    /// a permission and says nothing about vend. Without a signature AWS refuses, or vend if its address is public.
    pub(crate) fn judge(self, answer: Result<VendedToken, Error>) -> Refusal {
        match answer {
            Ok(_) => Refusal::NotRefused,
            Err(Error::Refused(problem)) if problem.status == 403 => Refusal::Refused,
            Err(Error::Refused(problem)) if self == Self::Unsigned && problem.status == 401 => Refusal::Refused,
            Err(Error::UnexpectedAnswer { status: 401 | 403, .. }) if self == Self::Unsigned => Refusal::Refused,
            Err(error) => Refusal::Unknown(chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use client::VendProblem;

    use super::*;

    fn refused(status: u16) -> Result<VendedToken, Error> {
        let kind = "urn:webex-token-broker:problem:x".to_owned();
        let detail = "no".to_owned();
        Err(Error::Refused(VendProblem {
            kind,
            title: String::new(),
            status,
            detail,
            tracking_id: None,
            retry_after: None,
        }))
    }

    fn unexpected(status: u16) -> Result<VendedToken, Error> {
        Err(Error::UnexpectedAnswer { status, message: String::new() })
    }

    #[test]
    fn signed_request_must_be_refused_by_vend_itself() {
        for case in [RefusalCase::Minter, RefusalCase::Stranger] {
            assert_eq!(case.judge(refused(403)), Refusal::Refused);
            for other in [refused(401), refused(404), refused(503), unexpected(403)] {
                let judged = case.judge(other);
                assert!(matches!(judged, Refusal::Unknown(_)), "{case:?}: {judged:?}");
            }
        }
    }

    #[test]
    fn unsigned_request_may_be_refused_by_aws() {
        for answer in [refused(401), refused(403), unexpected(401), unexpected(403)] {
            assert_eq!(RefusalCase::Unsigned.judge(answer), Refusal::Refused);
        }
        for answer in [refused(429), unexpected(200), unexpected(502)] {
            let judged = RefusalCase::Unsigned.judge(answer);
            assert!(matches!(judged, Refusal::Unknown(_)), "{judged:?}");
        }
    }
}
