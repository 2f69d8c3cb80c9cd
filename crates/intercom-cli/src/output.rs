//! What is printed: one document or text on stdout, notes and complaints on stderr, the token nowhere.
//!
//! Everything passes [`clean`] on its way out, except a body that goes to a file or a pipe.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use serde_json::json;

use crate::args::{Args, Color};
use crate::clean;
use crate::error::{Exit, Failure};
use crate::redact::Redactor;
use crate::render::Page;

/// Where a command prints.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    choice: ColorChoice,
    redactor: Redactor,
    stdout: BufWriter<io::Stdout>,
    /// Whether the program ends once nobody reads its output any more; else it is dropped, and how it ended is still told.
    ends_unread: bool,
    unread: bool,
}

impl Output {
    pub(crate) fn new(args: &Args, redactor: Redactor) -> Self {
        let global = &args.global;
        let choice = match global.color {
            Color::Auto => AutoStream::choice(&io::stdout()),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            json: global.json,
            choice,
            redactor,
            stdout: BufWriter::new(io::stdout()),
            ends_unread: args.command.is_endless(),
            unread: false,
        }
    }

    /// Whether a document is wanted rather than text.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// What keeps the token out of files too.
    pub(crate) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Whether a person looks at stdout.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a document on a line of its own.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        self.json(&serde_json::to_string(document).map_err(io::Error::from)?)
    }

    /// Prints JSON that is laid out already, and ends its line.
    pub(crate) fn json(&mut self, text: &str) -> Result<(), Failure> {
        let text = clean::json(&self.redactor.json(text));
        let written = writeln!(self.stdout, "{text}");
        self.settle(written)
    }

    /// Prints a page, with its colours where they are wanted.
    pub(crate) fn page(&mut self, page: &Page) -> Result<(), Failure> {
        let text = self.redactor.text(page.as_str());
        let mut stream = AutoStream::new(Vec::new(), self.choice);
        stream.write_all(text.as_bytes())?;
        let written = self.stdout.write_all(&stream.into_inner());
        self.settle(written)
    }

    /// Prints text, whose line breaks and tabs stay.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let text = clean::lines(&self.redactor.text(text));
        let written = self.stdout.write_all(text.as_bytes());
        self.settle(written)
    }

    /// Prints the body of a response as it is, but for the token; at a terminal, as text.
    pub(crate) fn body(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_terminal() {
            return self.text(&String::from_utf8_lossy(bytes));
        }
        let written = self.stdout.write_all(&self.redactor.body(bytes));
        self.settle(written)
    }

    /// Sees to it that everything printed so far has left the program.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.stdout.flush();
        self.settle(flushed)
    }

    /// Nobody reads any more: that is no failure of the command.
    fn settle(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !self.ends_unread => {
                self.unread = true;
                Ok(())
            }
            written => Ok(written?),
        }
    }

    /// Whether what was printed and flushed so far reached nobody.
    pub(crate) const fn is_unread(&self) -> bool {
        self.unread
    }

    /// Says something on stderr that is not the answer.
    pub(crate) fn note(&self, line: &str) {
        say(line, &self.redactor);
    }

    /// Ends a command that has no answer.
    pub(crate) fn fail(&mut self, failure: &Failure) -> Exit {
        fail(&mut self.stdout, failure, self.json, &self.redactor)
    }
}

/// Ends the program where clap has something to say instead: help, the version, or what is wrong with the arguments.
pub(crate) fn fail_early(error: &clap::Error, json: bool, redactor: &Redactor) -> Exit {
    if !error.use_stderr() {
        // If the output is not read, there is no reader to report it to.
        let _ = error.print();
        return Exit::Done;
    }
    let text = clean::lines(redactor.text(&error.to_string()).trim_end());
    if json {
        let document = json!({ "error": { "kind": "usage", "message": text } });
        let _ = writeln!(io::stdout(), "{document}");
    }
    let _ = writeln!(io::stderr(), "{text}");
    Exit::Usage
}

fn fail(stdout: &mut impl Write, failure: &Failure, json: bool, redactor: &Redactor) -> Exit {
    let Some(line) = failure.line() else {
        return failure.exit();
    };
    if json {
        let kind = match failure.exit() {
            Exit::Usage => "usage",
            _ => "failed",
        };
        let message = clean::line(&redactor.text(line));
        let document = json!({ "error": { "kind": kind, "message": message } });
        // It is said on stderr too, so nothing is lost if stdout is what failed.
        let _ = writeln!(stdout, "{document}").and_then(|()| stdout.flush());
    }
    say(line, redactor);
    failure.exit()
}

/// Prints one line on stderr.
pub(crate) fn say(line: &str, redactor: &Redactor) {
    let line = clean::line(&redactor.text(line));
    let _ = writeln!(io::stderr(), "intercom: {line}");
}
