//! The pages that people see at Webex, as far as a browser needs them.

use crate::transport::Answer;

/// Asks who it is. `unknown` is a name that nobody has.
pub(crate) fn sign_in(query: &str, unknown: Option<&str>) -> Answer {
    let complaint = unknown
        .map_or_else(String::new, |name| format!("<p role=\"alert\">There is no user called {}.</p>", escaped(name)));
    let body = format!(
        "<h1>Sign in</h1>{complaint}<form method=\"post\" action=\"/v1/authorize/sign-in?{}\">\
         <label for=\"user\">User</label><input id=\"user\" name=\"user\" autofocus required>\
         <button type=\"submit\" id=\"sign-in\">Sign in</button></form>",
        escaped(query)
    );
    page("Sign in", &body)
}

/// Asks whether `user` agrees.
pub(crate) fn grant(query: &str, user: &str, scopes: &[String]) -> Answer {
    let list: Vec<_> = scopes.iter().map(|scope| escaped(scope)).collect();
    let list = list.join("</code></li><li><code>");
    let body = format!(
        "<h1>Grant access?</h1><p>Signed in as <strong>{}</strong>. The integration asks for:</p><ul><li><code>{list}</code></li></ul>\
         <form method=\"post\" action=\"/v1/authorize/decision?{}\">\
         <button type=\"submit\" name=\"decision\" value=\"accept\" id=\"accept\">Accept</button> \
         <button type=\"submit\" name=\"decision\" value=\"decline\" id=\"decline\">Decline</button></form>",
        escaped(user),
        escaped(query)
    );
    page("Grant access", &body)
}

/// Asks for a device's user code and who it is.
pub(crate) fn device(user_code: &str, told: &str) -> Answer {
    let body = format!(
        "<h1>Connect a device</h1><p role=\"status\">{}</p><form method=\"post\" action=\"/v1/device\">\
         <label for=\"user_code\">Code</label><input id=\"user_code\" name=\"user_code\" value=\"{}\" required>\
         <label for=\"user\">User</label><input id=\"user\" name=\"user\" required>\
         <button type=\"submit\" name=\"decision\" value=\"accept\" id=\"accept\">Accept</button> \
         <button type=\"submit\" name=\"decision\" value=\"decline\" id=\"decline\">Decline</button></form>",
        escaped(told),
        escaped(user_code)
    );
    page("Connect a device", &body)
}

fn page(title: &str, body: &str) -> Answer {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} (simulated Webex)</title>\
         <style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}body{{max-width:28rem;margin:4rem auto;\
         padding:0 1rem}}input,button{{display:block;font:inherit;padding:.5rem;margin:.25rem 0 1rem;width:100%}}</style>\
         <p>Simulated Webex</p>{body}</html>"
    );
    Answer::text(200, "text/html; charset=utf-8", html)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
