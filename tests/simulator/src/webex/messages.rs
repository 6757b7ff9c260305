//! `POST /messages`, which bots call to write into a space.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{WebexError, WebexResult};
use super::world::World;
use super::{Webex, random};
use crate::transport::{Request, Response};

/// Longest message, in bytes, before encryption (developer.webex.com, "Create a Message").
const LONGEST: usize = 7439;

/// A message in a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The space.
    pub room_id: String,
    /// `markdown`, or `text` without it.
    pub text: String,
}

pub(crate) fn create(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let access = world.caller(request, now)?;
    access.require_scope(&["spark:messages_write"])?;
    let body = request.json();
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let room_id = field("roomId");
    let text = if field("markdown").is_empty() { field("text") } else { field("markdown") };
    if room_id.is_empty() {
        return Err(WebexError::new(
            400,
            "One and only one of the following must be non-null: roomId, toPersonId, toPersonEmail",
        ));
    }
    if text.is_empty() || text.len() > LONGEST {
        return Err(WebexError::new(400, "Unable to post message: the message is empty or too long"));
    }
    let id = random::uuid(&mut world.rng);
    world.messages.push(Message { room_id: room_id.clone(), text: text.clone() });
    Ok(Response::json(200, &json!({"id": id, "roomId": room_id, "markdown": text, "created": now.to_string()})))
}

impl Webex {
    /// The messages that were posted to spaces, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.world().messages.clone()
    }
}
