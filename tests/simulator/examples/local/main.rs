//! `cargo local`: the whole system on this machine, told as a story.
//!
//! Builds the real functions, starts them under `cargo lambda watch` between a simulated Webex and a simulated Secrets
//! Manager, plays what happens to two apps and three customers in production, and checks every step. Then everything
//! stays up to be played with; `cargo local --once` ends instead, with 0 if every step went as it should.
//!
//! A black box's client: it knows the functions by their HTTP and their environment only.
//!
//! # Reading order
//! [`story`] is what happens, on a [`stage`]. Before the curtain: [`options`], [`ports`], [`tool`] (gets cargo-lambda)
//! and [`functions`] (builds and starts). Behind it: [`calls`] speaks HTTP, [`browser`] is the operator's, [`trace`] tells
//! who called whom, [`screen`] is the only writer, [`farewell`] prints the lines to copy. [`deployment`] is another play
//! altogether.

mod browser;
mod calls;
mod deployment;
mod farewell;
mod functions;
mod options;
mod places;
mod ports;
mod process;
mod screen;
mod stage;
mod story;
mod tool;
mod trace;

use std::process::ExitCode;

use anyhow::Context as _;
use simulator::{Clock, Simulator};

use functions::Functions;
use options::{Options, Wish};
use places::Places;
use screen::Screen;
use stage::Stage;
use tool::CargoLambda;

#[tokio::main]
async fn main() -> ExitCode {
    let screen = Screen::new();
    let ended = match Wish::read(std::env::args().skip(1)) {
        Ok(Wish::Help) => {
            screen.usage(options::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Wish::Stack(port)) => deployment::become_stack(port),
        Ok(Wish::Play(options)) => tokio::select! {
            ended = play(screen.clone(), &options) => ended,
            () = process::interrupted() => {
                screen.section("Stopped, with everything that was started.");
                return ExitCode::from(u8::from(options.once || screen.failures() > 0));
            }
        },
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        screen.broken(&error);
    }
    ExitCode::from(u8::from(screen.failures() > 0))
}

/// Everything in order. What goes wrong once the stage is set has been told when this ends.
async fn play(screen: Screen, options: &Options) -> anyhow::Result<()> {
    screen.title("webex-token-broker on this machine");
    screen.say(
        "The four functions are the real ones. Webex and AWS Secrets Manager are simulated on loopback: no account, \
         no container, nothing leaves this machine.",
    );
    screen.section("Getting ready");
    let places = Places::find()?;
    options.ports.check()?;
    let tool = CargoLambda::find_or_get(&places, &screen).await?;
    functions::build(&places, &screen).await?;
    let simulator = simulate(options, &screen).await?;
    let functions = Functions::spawn(options.ports.functions, &tool, &places, &simulator, &screen)?;
    let stage = Stage::set(screen, simulator, functions, options.ports)?;
    let told = tokio::select! {
        told = perform(&stage) => told,
        error = stage.functions.end() => Err(error),
    };
    farewell::sum_up(&stage, &told);
    if !options.once && told.is_ok() {
        farewell::lines_to_copy(&stage, &tool);
        return Err(stage.functions.end().await);
    }
    Ok(())
}

async fn perform(stage: &Stage) -> anyhow::Result<()> {
    stage.functions.wake(&stage.screen).await?;
    story::tell(stage).await
}

async fn simulate(options: &Options, screen: &Screen) -> anyhow::Result<Simulator> {
    let simulator = Simulator::start(simulator::Options {
        webex_port: Some(options.ports.webex),
        secrets_port: Some(options.ports.secrets),
        ..simulator::Options::new(Clock::system())
    });
    let simulator = simulator.await.context("the simulator did not start")?;
    screen.item("Webex", format!("simulated at {}", simulator.webex.base_url()));
    screen.item("Secrets Manager", format!("simulated at {}", simulator.secrets.endpoint_url()));
    Ok(simulator)
}
