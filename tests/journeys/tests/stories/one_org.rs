//! "What happened to this org last week?" Status, the grant's page, `wtb history` and the log give the same answer.

use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::{Value, json};
use wtb::Machine;

use super::operators::{changes, grant_status, words};
use super::{DAY, HOUR, SETTLED, kill_refresh_token, ready};
use crate::harness::{App, Deployment, logged, to_request};

/// An org of this story alone, since the tests of this binary share one log.
const ORG: &str = "0e09a9ae-51e5-4f1e-9d3a-0d1e0f5707e5";

/// The story in the words of each surface: the record's, and those of the page.
const STORY: [(&str, &str, &str); 8] = [
    ("authorized", "event", "Webex announced an authorisation"),
    ("minted", "event", "A token pair was minted"),
    ("failing", "sweep", "A renewal failed"),
    ("recovered", "sweep", "Renewed again after failures"),
    ("fenced", "event", "Webex announced a withdrawal"),
    ("retired", "sweep", "Webex confirmed the withdrawal"),
    ("authorized", "event", "Webex announced an authorisation"),
    ("minted", "event", "A token pair was minted"),
];

/// The org authorises, fails for two days, recovers, withdraws and comes back.
async fn live_through(world: &Deployment, reports: &App) {
    world.onboard(reports, ORG).await;
    kill_refresh_token(world, reports, ORG);
    world.wait(DAY * 8);
    world.sim.webex.faults().lag(ORG, 1000);
    for _ in 0..48 {
        world.sweep().await;
        world.wait(HOUR);
    }
    world.sim.webex.faults().clear();
    world.sweep().await;
    let withdrawn = world.sim.webex.deauthorize(reports, ORG);
    world.deliver_event(reports, &withdrawn).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.wait(DAY);
    world.onboard(reports, ORG).await;
}

/// The history on the page of the grant, oldest first, and who caused each entry.
async fn page_history(world: &Deployment) -> Vec<(String, String)> {
    let event = json!({"version": "2.0", "rawPath": format!("/fleet/reports/{ORG}"), "rawQueryString": "",
        "headers": {"host": "localhost"}, "isBase64Encoded": false,
        "requestContext": {"stage": "$default", "http": {"method": "GET", "path": "/", "sourceIp": "127.0.0.1"}}});
    let page = world.consent().handle(to_request(&event)).await;
    let lambda_http::Body::Text(page) = page.into_body() else { panic!("no page") };
    let history = &page[page.find("class=\"timeline\"").unwrap()..];
    let mut entries = Vec::new();
    for entry in history.split("<li ").skip(1) {
        entries.push((between(entry, "<strong>", "</strong>"), between(entry, "by ", "</span>")));
    }
    entries.reverse();
    entries
}

fn between(text: &str, start: &str, end: &str) -> String {
    let rest = &text[text.find(start).unwrap() + start.len()..];
    rest[..rest.find(end).unwrap()].to_owned()
}

/// The changes in the log: the fields that a query of CloudWatch Logs Insights selects.
fn log_history() -> Vec<(String, String)> {
    let logged = logged();
    let lines = logged.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_org = lines.filter(|line| line["subject"] == ORG && line["by"].is_string());
    of_org.map(|line| (text(&line, "outcome"), text(&line, "by"))).collect()
}

fn text(line: &Value, field: &str) -> String {
    line[field].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_surface_tells_the_same_story_of_an_org() {
    let (world, reports, _) = ready().await;
    live_through(&world, &reports).await;
    let expected = words(&STORY.map(|(what, by, _)| (what, by)));
    let grant = grant_status(&world, ORG).await;
    assert_eq!(changes(&grant), expected, "status");
    let failing = &grant["history"][2];
    assert!(failing["code"] == "not_confirmed" && failing["tracking_id"].is_string(), "{failing}");
    assert_eq!(page_history(&world).await, words(&STORY.map(|(_, by, words)| (words, by))), "the page");
    let typed = Terminal::new(&world).run(&format!("history reports {ORG} --json")).await;
    let typed: Value = serde_json::from_str(&typed).unwrap();
    assert_eq!(changes(&typed), expected, "wtb history");
    assert_eq!(log_history(), expected, "the log");
}

/// A terminal that prints into a text, for a command that asks for nothing.
struct Terminal<'a> {
    world: &'a Deployment,
    printed: Mutex<String>,
}

impl<'a> Terminal<'a> {
    fn new(world: &'a Deployment) -> Self {
        Self { world, printed: Mutex::default() }
    }

    /// Runs `wtb` with these arguments, and returns what it prints.
    async fn run(&self, arguments: &str) -> String {
        let arguments = format!("wtb --function refresher {arguments}");
        let arguments = arguments.split(' ').map(Into::into).collect();
        let Ok(cli) = wtb::parse(arguments, self) else { panic!("not understood") };
        let exit = wtb::run(&cli, self.world.sdk().clone(), self).await;
        assert_eq!(exit, wtb::Exit::Ok);
        std::mem::take(&mut *self.printed.lock().unwrap())
    }
}

fn nobody() -> io::Error {
    io::Error::other("nobody is at the terminal")
}

impl Machine for Terminal<'_> {
    fn now(&self) -> Timestamp {
        self.world.sim.clock.now()
    }

    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(std::future::ready(()))
    }

    fn print(&self, text: &str) {
        self.printed.lock().unwrap().push_str(text);
    }

    fn note(&self, line: &str) {
        panic!("{line}");
    }

    fn width(&self) -> usize {
        80
    }

    fn has_colors(&self) -> bool {
        false
    }

    fn is_interactive(&self) -> bool {
        false
    }

    fn ask(&self, _: &str) -> io::Result<String> {
        Err(nobody())
    }

    fn ask_secret(&self, _: &str) -> io::Result<String> {
        Err(nobody())
    }

    fn read_input(&self) -> io::Result<String> {
        Err(nobody())
    }

    fn random_secret(&self) -> io::Result<String> {
        Err(nobody())
    }

    fn progress(&self) -> ProgressBar {
        ProgressBar::hidden()
    }

    fn user_and_host(&self) -> String {
        "ada@host".to_owned()
    }
}
