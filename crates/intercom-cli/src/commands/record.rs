//! `--record`: recordings of the calls of a command.

use intercom_debug::{Recorder, Recording, RecordingError};

use crate::args::Global;
use crate::error::Failure;
use crate::output::Output;
use crate::token::Token;

/// Opens the recording that the arguments ask for.
pub(super) fn recorder(
    global: &Global,
    token: Option<&Token>,
) -> Result<Option<Recorder>, Failure> {
    let Some(path) = &global.record else {
        return match global.record_bodies {
            true => Err(Failure::usage("--record-bodies needs --record FILE")),
            false => Ok(None),
        };
    };
    if std::fs::metadata(path).is_ok_and(|file| !file.is_file()) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "the recording {path} cannot be written: it is not a regular file; choose another --record"
        )));
    }
    let recorder = Recorder::builder()
        .tool(concat!("intercom ", env!("CARGO_PKG_VERSION")))
        .hide(token.map_or("", Token::reveal))
        .bodies(global.record_bodies)
        .to_file(path);
    recorder.map(Some).map_err(|error| {
        let path = path.display();
        Failure::usage(format!(
            "the recording {path} cannot be written: {error}; choose another --record"
        ))
    })
}

/// Prints a note if the recording is not complete.
pub(super) fn report(recorder: Option<&Recorder>, output: &Output) {
    if let Some(failure) = recorder.and_then(Recorder::failure) {
        output.note(&format!("the recording is not complete: {failure}"));
    }
}

/// Reads a recording from a file, or from stdin if its name is `-`.
pub(super) fn read(file: &str) -> Result<Recording, Failure> {
    let recording = match file {
        "-" => Recording::read(std::io::stdin().lock()),
        path => Recording::open(path),
    };
    recording.map_err(|error| {
        let name = if file == "-" { "stdin" } else { file };
        match error {
            RecordingError::Io(source) => {
                Failure::usage(format!("{name} cannot be read: {source}"))
            }
            error => Failure::usage(format!("{name} {error}")),
        }
    })
}

/// Says on stderr what was not read.
pub(super) fn note_unreadable(recording: &Recording, output: &Output) {
    match recording.unreadable() {
        0 => {}
        1 => output.note("1 line of the recording was skipped: it is torn or not known"),
        many => output.note(&format!(
            "{many} lines of the recording were skipped: they are torn or not known"
        )),
    }
}
