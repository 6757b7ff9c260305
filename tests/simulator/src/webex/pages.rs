//! Webex's pages, reduced to what a browser needs to sign in, to grant and to connect a device.

use crate::transport::Response;

/// The sign-in page. `unknown` is the name of a user who does not exist, to be reported.
pub(crate) fn sign_in(query: &str, unknown: Option<&str>) -> Response {
    let alert = match unknown {
        Some(name) => format!("<p role=\"alert\">There is no user called {}.</p>", escaped(name)),
        None => String::new(),
    };
    let body = format!(
        "<h1>Sign in</h1>{alert}<form method=\"post\" action=\"/v1/authorize/sign-in?{}\">\
         <label for=\"user\">User</label><input id=\"user\" name=\"user\" autofocus required>\
         <button type=\"submit\" id=\"sign-in\">Sign in</button></form>",
        escaped(query)
    );
    page("Sign in", &body)
}

/// The page on which `user` accepts or declines.
pub(crate) fn grant(query: &str, user: &str, scopes: &[String]) -> Response {
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

/// The page on which a user types the code of a device. `message` is shown above the form.
pub(crate) fn device(user_code: &str, message: &str) -> Response {
    let body = format!(
        "<h1>Connect a device</h1><p role=\"status\">{}</p><form method=\"post\" action=\"/v1/device\">\
         <label for=\"user_code\">Code</label><input id=\"user_code\" name=\"user_code\" value=\"{}\" required>\
         <label for=\"user\">User</label><input id=\"user\" name=\"user\" required>\
         <button type=\"submit\" name=\"decision\" value=\"accept\" id=\"accept\">Accept</button> \
         <button type=\"submit\" name=\"decision\" value=\"decline\" id=\"decline\">Decline</button></form>",
        escaped(message),
        escaped(user_code)
    );
    page("Connect a device", &body)
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} (simulated Webex)</title>\
         <style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}body{{max-width:28rem;margin:4rem auto;\
         padding:0 1rem}}input,button{{display:block;font:inherit;padding:.5rem;margin:.25rem 0 1rem;width:100%}}</style>\
         <p>Simulated Webex</p>{body}</html>"
    );
    Response::text(200, "text/html; charset=utf-8", html)
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
