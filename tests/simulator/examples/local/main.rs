//! `cargo local`: runs the whole system on this machine and plays through the life of its grants.
//!
//! Builds the real functions, starts them behind `cargo lambda watch` between a simulated Webex and a simulated Secrets
//! Manager, plays what happens in production to three apps and three customers, and checks every step. Then everything
//! keeps running so that a person can try it; `cargo local --once` ends instead, with exit code 0 if every check passed.
//!
//! It is a client like any other: it knows the functions by their HTTP interfaces and their environment only.
//!
//! # Reading order
//! [`story`] has the steps, and [`demo`] the system and the apps and orgs in it. Before the story come [`options`],
//! [`ports`], [`cargo_lambda`] (installs it), [`functions`] (builds and starts them) and their [`environment`]. Helpers: [`api_client`] speaks
//! HTTP, [`browser`] gives consent, [`journal_trace`] prints the calls between the parts, [`terminal`] writes to standard
//! output, [`summary`] prints the result and the commands to copy. [`stack`] is `cargo local --stack`.

mod api_client;
mod browser;
mod cargo_lambda;
mod demo;
mod environment;
mod functions;
mod journal_trace;
mod options;
mod paths;
mod ports;
mod process;
mod stack;
mod story;
mod summary;
mod terminal;

use std::process::ExitCode;

use anyhow::Context as _;
use simulator::{Clock, Simulator};

use cargo_lambda::CargoLambda;
use demo::Demo;
use functions::Functions;
use options::{Action, Options};
use paths::Paths;
use terminal::Terminal;

#[tokio::main]
async fn main() -> ExitCode {
    let terminal = Terminal::new();
    let result = match Action::parse(std::env::args().skip(1)) {
        Ok(Action::Help) => {
            terminal.usage(options::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Action::Stack(port)) => stack::replace_process(port),
        Ok(Action::Play(options)) => tokio::select! {
            result = play(terminal.clone(), &options) => result,
            () = process::interrupted() => {
                terminal.section("Stopped, and all processes with it.");
                return ExitCode::from(u8::from(options.once || terminal.failures() > 0));
            }
        },
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        terminal.fatal(&error);
    }
    ExitCode::from(u8::from(terminal.failures() > 0))
}

/// Prepares the system, plays the story and prints its result. An error in the story is part of that result.
async fn play(terminal: Terminal, options: &Options) -> anyhow::Result<()> {
    terminal.title("webex-token-broker on this machine");
    terminal.text(
        "The five functions are the real ones. Webex and AWS Secrets Manager are simulated on loopback: you need no \
         account and no container, and nothing leaves this machine.",
    );
    terminal.section("Preparing");
    let paths = Paths::find()?;
    options.ports.check()?;
    let tool = CargoLambda::find_or_install(&paths, &terminal).await?;
    functions::build(&paths, &terminal).await?;
    let simulator = start_simulator(options, &terminal).await?;
    let functions = Functions::start(options.ports.functions, &tool, &paths, &simulator, &terminal).await?;
    let demo = Demo::new(terminal, simulator, functions, options.ports)?;
    let result = tokio::select! {
        result = wake_and_play(&demo) => result,
        error = demo.functions.wait_for_exit() => Err(error),
    };
    summary::print_result(&demo, &result);
    if options.once || result.is_err() {
        return Ok(());
    }
    summary::print_commands(&demo, &tool);
    Err(demo.functions.wait_for_exit().await)
}

async fn wake_and_play(demo: &Demo) -> anyhow::Result<()> {
    demo.functions.wake(&demo.terminal).await?;
    story::play(demo).await
}

async fn start_simulator(options: &Options, terminal: &Terminal) -> anyhow::Result<Simulator> {
    let simulator = Simulator::start(simulator::Options {
        webex_port: Some(options.ports.webex),
        secrets_port: Some(options.ports.secrets),
        ..simulator::Options::new(Clock::system())
    });
    let simulator = simulator.await.context("cannot start the simulator")?;
    terminal.item("Webex", format!("simulated at {}", simulator.webex.base_url()));
    terminal.item("Secrets Manager", format!("simulated at {}", simulator.secrets.endpoint_url()));
    Ok(simulator)
}
