//! The operators' console: what it asks the refresher, and the words for what it shows.
//!
//! The console holds no rules. The refresher decides what a command does; these modules word its answers.

pub(crate) mod act;
pub(crate) mod ask;
pub(crate) mod attention;
pub(crate) mod form_token;
pub(crate) mod grant_view;
pub(crate) mod life_clock;
pub(crate) mod time_text;
