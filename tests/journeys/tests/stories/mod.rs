//! Stories, told from the outside.

mod main_job;
