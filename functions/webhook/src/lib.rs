//! Receives Webex's signed webhooks and hands what they mean to the refresher.
