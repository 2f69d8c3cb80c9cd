//! The commands, each in its own file or folder.

mod api;
mod batch;
mod bundle;
mod completions;
mod contact;
mod demo;
mod doctor;
mod explain;
mod export;
mod fleet;
mod import;
mod messages;
mod mock;
mod record;
mod replay;
mod trace;

use intercom_debug::Recorder;

use crate::args::{self, Args, Command};
use crate::client::{Client, Settings};
use crate::error::{Exit, Failure};
use crate::output::Output;
use crate::token::Token;

/// Runs the command. Only commands that need the token check it; `bundle` and `doctor` work without one.
pub(crate) fn run(
    args: &Args,
    token: Result<Option<Token>, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let recorder = match &token {
        Ok(token) if args.command.sends_requests() => {
            record::recorder(&args.global, token.as_ref())?
        }
        _ => None,
    };
    let exit = dispatch(args, token, recorder.clone(), output);
    record::report(recorder.as_ref(), output);
    exit
}

fn dispatch(
    args: &Args,
    token: Result<Option<Token>, Failure>,
    recorder: Option<Recorder>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let settings = || -> Result<Settings, Failure> {
        let needs_token = match &args.command {
            Command::Bundle(_) | Command::Doctor => false,
            Command::Fleet(_) => args.global.fleet_name.is_none(),
            _ => true,
        };
        match (token?, &args.command) {
            (None, _) if needs_token => Err(Token::missing()),
            (token, Command::Bundle(_) | Command::Doctor) => Ok(Settings {
                // Their calls say what this program sees alone.
                fleet: None,
                ..Settings::new(&args.global, token, recorder)?
            }),
            (token, _) => Settings::new(&args.global, token, recorder),
        }
    };
    match &args.command {
        Command::Demo => demo::run(output),
        Command::Explain(explain) => explain::run(explain, output),
        Command::Doctor => doctor::run(&settings()?, output),
        Command::Api(api) => api::run(api, || connect(settings), output),
        Command::Batch(batch) => batch::requests(batch, settings, output),
        Command::Import(import) => import::run(import, settings, output),
        Command::Export(args::Export::Messages(export)) => {
            messages::run(export, &settings()?, output)
        }
        Command::Export(args::Export::Items(export)) => export::run(export, &settings()?, output),
        Command::Bundle(bundle) => {
            bundle::check(bundle, &args.global)?;
            bundle::run(bundle, &settings()?, output)
        }
        Command::Fleet(args::Fleet::Status) => fleet::run(&settings()?, output),
        Command::Contact(contact) => contact::run(contact, &connect(settings)?, output),
        Command::Mock(mock) => mock::run(mock, output),
        Command::Replay(replay) => replay::run(replay, settings, output),
        Command::Trace(trace) => trace::run(trace, output),
        Command::Completions { shell } => completions::run(*shell, output),
    }
}

fn connect(settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<Client, Failure> {
    Ok(Client::connect(&settings()?)?)
}
