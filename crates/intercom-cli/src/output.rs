//! Output: a document or text on stdout, notes and errors on stderr. The token is redacted in both.
//!
//! Everything is escaped by [`clean`], except a body that is written to a file or a pipe.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;
use serde_json::json;

use crate::args::{Args, Color};
use crate::clean;
use crate::error::{Exit, Failure};
use crate::redact::Redactor;
use crate::render::Page;

/// The output of a command.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    choice: ColorChoice,
    redactor: Redactor,
    stdout: BufWriter<io::Stdout>,
    /// Whether the program ends when the reader of stdout is gone. Otherwise it drops the rest and still reports its result.
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

    /// Whether to print a document instead of text.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Redacts the token, in files too.
    pub(crate) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Whether stdout is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a document on one line.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        self.json(&serde_json::to_string(document).map_err(io::Error::from)?)
    }

    /// Prints formatted JSON and a line break.
    pub(crate) fn json(&mut self, text: &str) -> Result<(), Failure> {
        let text = clean::json(&self.redactor.json(text));
        let written = writeln!(self.stdout, "{text}");
        self.settle(written)
    }

    /// Prints a page, in colour if requested.
    pub(crate) fn page(&mut self, page: &Page) -> Result<(), Failure> {
        let text = self.redactor.text(page.as_str());
        let mut stream = AutoStream::new(Vec::new(), self.choice);
        stream.write_all(text.as_bytes())?;
        let written = self.stdout.write_all(&stream.into_inner());
        self.settle(written)
    }

    /// Prints text. Keeps its line breaks and tabs.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let text = clean::lines(&self.redactor.text(text));
        let written = self.stdout.write_all(text.as_bytes());
        self.settle(written)
    }

    /// Prints the exact body of a response without the token. At a terminal, escapes it like text.
    pub(crate) fn body(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_terminal() {
            return self.text(&String::from_utf8_lossy(bytes));
        }
        let written = self.stdout.write_all(&self.redactor.body(bytes));
        self.settle(written)
    }

    /// Flushes stdout.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.stdout.flush();
        self.settle(flushed)
    }

    /// Ignores that the reader of stdout is gone: the command has not failed.
    fn settle(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !self.ends_unread => {
                self.unread = true;
                Ok(())
            }
            written => Ok(written?),
        }
    }

    /// Whether the reader of stdout is gone, as of the last flush.
    pub(crate) const fn is_unread(&self) -> bool {
        self.unread
    }

    /// Prints a note on stderr.
    pub(crate) fn note(&self, line: &str) {
        say(line, &self.redactor);
    }

    /// Reports how a command ended that has printed its document: a failure is on stderr only.
    pub(crate) fn after_document(&self, ended: Result<Exit, Failure>) -> Exit {
        ended.unwrap_or_else(|failure| {
            failure.line().iter().for_each(|line| self.note(line));
            failure.exit()
        })
    }

    /// Reports a failed command.
    pub(crate) fn fail(&mut self, failure: &Failure) -> Exit {
        fail(&mut self.stdout, failure, self.json, &self.redactor)
    }
}

/// Prints what clap returns instead of arguments: help, the version, or an error.
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
        // The line is printed on stderr too, in case stdout is what failed.
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
