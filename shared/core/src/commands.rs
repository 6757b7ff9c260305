//! The commands of the refresher, one file a request tag.

pub(crate) mod apps;
pub(crate) mod data_sources;
pub(crate) mod device;
pub(crate) mod exchange;
pub(crate) mod fence;
pub(crate) mod import;
pub(crate) mod make_link;
mod new_pair;
mod own_webhooks;
pub(crate) mod reconcile;
pub(crate) mod remove;
pub(crate) mod remove_app;
pub(crate) mod renew;
pub(crate) mod restore;
pub(crate) mod status;
pub(crate) mod sweep;
pub(crate) mod unblock;
mod used_link;
pub(crate) mod verify;
