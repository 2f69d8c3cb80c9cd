//! `intercom import`: creates or updates what is in a file, with the engine of `intercom batch`.

use std::io;

use intercom_batch::Source;

use super::batch;
use crate::args::Import;
use crate::args::lines::Format;
use crate::client::Settings;
use crate::error::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(
    args: &Import,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Import::Contacts(args) = args;
    let source = match args.file.as_str() {
        "-" => Source::from_reader("-", io::stdin()),
        path => Source::open(path)?,
    };
    let is_csv = args.file.to_ascii_lowercase().ends_with(".csv");
    let source = match args.format {
        Some(Format::Csv) => source.csv(),
        None if is_csv => source.csv(),
        Some(Format::Ndjson) | None => source.contacts(),
    };
    batch::run(source, &args.options, settings, output)
}
