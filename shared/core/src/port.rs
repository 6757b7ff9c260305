//! The outside worlds as the rules see them: small traits, one production implementation each.

mod data_sources;
mod events;
mod listing;
mod store;
mod webex;

pub use data_sources::{DataSourceApi, DataSourceStore, DataSourceWebhook, DataSourcesPage};
pub use events::{BusEvent, Events, NoEventBus};
pub use listing::{GrantsPage, GrantsPart};
pub use store::{Found, RecordsPage, RetiredRecord, Scan, Scheduled, Store, StoreError, Stored, Unreadable, Version};
pub use webex::{
    AppEvent, CodeExchange, DeviceAuthorization, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
