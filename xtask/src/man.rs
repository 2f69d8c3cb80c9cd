//! The manual page of the command: one page with a section for each subcommand.
//!
//! `clap_mangen` renders the parts. It would render a page for each subcommand, and fill the examples of the help texts.

use anyhow::Result;
use clap::{Arg, Command};
use clap_mangen::Man;

use crate::args;
use crate::files::TextFile;

const PATH: &str = "docs/intercom.1";
const NOTE: &str =
    ".\\\" Written by `cargo xtask docs`; edit the arguments of the command instead.\n";

/// The definition of a straight quotation mark, which begins every rendered part.
const QUOTE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

pub(crate) fn page() -> Result<TextFile> {
    let program = args::program().override_usage("intercom [OPTIONS] <COMMAND>");
    let man = Man::new(program.clone());
    let version = program.get_version().unwrap_or_default();
    // `clap_mangen` omits an empty date, so the version would take its place.
    let mut text = format!("{NOTE}.TH INTERCOM 1 \"\" \"intercom {version}\"\n{QUOTE}");
    text += &part(|out| man.render_name_section(out))?;
    text += &part(|out| man.render_synopsis_section(out))?;
    text += &part(|out| man.render_description_section(out))?;
    text += &part(|out| man.render_options_section(out))?;
    for command in subcommands(&program) {
        text += &section("intercom", command)?;
    }
    text += &format!(".SH NOTES\n{}", details(&man)?);
    Ok(TextFile {
        path: PATH.to_owned(),
        text,
    })
}

/// The subcommands, in the order of the help.
fn subcommands(command: &Command) -> Vec<&Command> {
    let mut all: Vec<_> = command.get_subcommands().collect();
    all.sort_by_key(|command| command.get_display_order());
    all
}

/// The section of a subcommand and those of its own subcommands. Options of every command are not repeated.
fn section(parent: &str, command: &Command) -> Result<String> {
    let name = format!("{parent} {}", command.get_name());
    let own = command.clone().disable_help_flag(true).bin_name(&name);
    let is_shown = |arg: &&Arg| !arg.is_hide_set();
    let has_options = own.get_arguments().any(|arg| is_shown(&arg));
    let man = Man::new(own);
    let mut text = part(|out| man.render_description_section(out))?;
    text += &part(|out| man.render_synopsis_section(out))?;
    if has_options {
        text += &part(|out| man.render_options_section(out))?;
    }
    // A heading of a page becomes one of its section; the first one is that of the section itself.
    let text = text
        .replacen(".SH DESCRIPTION\n", "", 1)
        .replace(".SH ", ".SS ");
    let heading = name.to_uppercase().replace('-', "\\-");
    let mut text = format!(".SH \"{heading}\"\n{text}");
    if command.get_after_help().is_some() {
        text += &format!(".SS DETAILS\n{}", details(&man)?);
    }
    for command in subcommands(command) {
        text += &section(&name, command)?;
    }
    Ok(text)
}

/// The end of the help. Indented lines, which are examples and tables, are not filled.
fn details(man: &Man) -> Result<String> {
    let extra = part(|out| man.render_extra_section(out))?;
    let mut text = String::new();
    let mut is_indented = false;
    for line in extra.trim_start_matches(".SH EXTRA\n").lines() {
        let indented = line.starts_with(' ');
        match (is_indented, indented) {
            (false, true) => text += ".in 2n\n.nf\n",
            (true, false) => text += ".fi\n.in\n",
            _ => {}
        }
        is_indented = indented;
        let line = line.strip_prefix("  ").unwrap_or(line);
        text += if line.is_empty() { ".PP" } else { line };
        text.push('\n');
    }
    text += if is_indented { ".fi\n.in\n" } else { "" };
    Ok(text)
}

/// A rendered part, without the definition that it begins with.
fn part(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<String> {
    let mut bytes = Vec::new();
    render(&mut bytes)?;
    Ok(String::from_utf8(bytes)?.replace(QUOTE, ""))
}

#[cfg(test)]
mod tests {
    use clap::Command;
    use clap_mangen::Man;

    use super::{details, page};

    #[test]
    fn the_page_has_a_section_for_each_command_in_the_order_of_the_help() {
        let text = page().unwrap().text;
        let sections = [
            "DESCRIPTION",
            "\"GLOBAL OPTIONS\"",
            "\"INTERCOM DEMO\"",
            "\"INTERCOM DOCTOR\"",
            "\"INTERCOM CONTACT\"",
            "\"INTERCOM CONTACT FIND\\-OR\\-CREATE\"",
            "NOTES",
        ];
        let places = sections.map(|section| text.find(&format!("\n.SH {section}\n")));
        assert!(places.iter().all(Option::is_some), "{places:?}");
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn examples_keep_their_lines_and_prose_is_filled() {
        let command = Command::new("a").after_help("Like:\n  b\n    c\nNot\nthis.\n\nEnd:\n  d");
        let text = details(&Man::new(command)).unwrap();
        let lines = [
            "Like:", ".in 2n", ".nf", "b", "  c", ".fi", ".in", "Not", "this.", ".PP", "End:",
            ".in 2n", ".nf", "d", ".fi", ".in",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }
}
