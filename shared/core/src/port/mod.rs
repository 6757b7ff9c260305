//! The two outside worlds as the rules see them: small traits, one production implementation each.

mod vault;
mod webex;

pub use vault::{Found, Scan, StoreError, Stored, Unreadable, Vault, Version};
pub use webex::{
    CodeExchange, DeviceAuthorization, Event, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
