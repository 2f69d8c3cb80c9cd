//! `intercom explain --all`: all known codes.

use intercom_errors::{CATALOG, Entry};
use serde::Serialize;

use crate::error::{Exit, Failure};
use crate::output::Output;
use crate::render::Page;

/// The document. The members of a code are those of `docs/errors/catalog.json`.
#[derive(Debug, Serialize)]
struct All {
    codes: Vec<Code>,
}

#[derive(Debug, Serialize)]
struct Code {
    code: &'static str,
    statuses: &'static [u16],
    category: &'static str,
    resend: &'static str,
    action: &'static str,
    meaning: &'static str,
    causes: &'static [&'static str],
    fixes: &'static [&'static str],
    provenance: &'static str,
}

impl Code {
    fn of(entry: &'static Entry) -> Self {
        Self {
            code: entry.code().as_str(),
            statuses: entry.statuses(),
            category: entry.category().as_str(),
            resend: entry.resend().as_str(),
            action: entry.action().as_str(),
            meaning: entry.meaning(),
            causes: entry.causes(),
            fixes: entry.fixes(),
            provenance: entry.provenance().as_str(),
        }
    }
}

pub(crate) fn run(output: &mut Output) -> Result<Exit, Failure> {
    if output.is_json() {
        let codes = CATALOG.iter().map(Code::of).collect();
        output.document(&All { codes })?;
        return Ok(Exit::Done);
    }
    let mut page = Page::new();
    page.title(&format!(
        "{} codes; `intercom explain CODE` says more about one",
        CATALOG.len()
    ));
    for entry in CATALOG {
        page.gap();
        page.title(entry.code().as_str());
        page.paragraph(entry.meaning());
    }
    output.page(&page)?;
    Ok(Exit::Done)
}
