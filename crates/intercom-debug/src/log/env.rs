//! Names in an environment file. No value is kept.

use super::word;

/// The longest name that is shown, in bytes.
const LONGEST: usize = 64;

/// A variable: its name, and whether it has a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) is_set: bool,
}

/// The variables of a file like `.env`, sorted by name, and how many other names there are.
///
/// A name is kept if all its words are in the vocabulary, like `INTERCOM_ACCESS_TOKEN`.
pub(crate) fn variables(text: &str) -> (Vec<Variable>, usize) {
    let mut found = Vec::new();
    let mut others = 0;
    for line in text.lines() {
        match variable(line) {
            Some(variable) if is_allowed(&variable.name) => found.push(variable),
            Some(_) => others += 1,
            None => {}
        }
    }
    found.sort();
    found.dedup();
    (found, others)
}

/// `NAME=value`, `export NAME=value`, `set NAME=value` or `name: value`.
fn variable(line: &str) -> Option<Variable> {
    let line = line.trim_start();
    if line.starts_with(['#', ';']) {
        return None;
    }
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim_end();
    let name = ["export ", "set ", "setx "]
        .iter()
        .find_map(|word| name.strip_prefix(word))
        .unwrap_or(name);
    let value = value.trim().trim_matches(['"', '\'']);
    Some(Variable {
        name: name.trim().to_owned(),
        is_set: !value.is_empty(),
    })
}

fn is_allowed(name: &str) -> bool {
    name.len() <= LONGEST && word::is_allowed(name)
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn names_are_kept_and_values_are_not() {
        let text = "# intercom\nexport INTERCOM_ACCESS_TOKEN='dG9rOnNlY3JldA=='\nINTERCOM_REGION=\nREDIS_URL=redis://u:p@h\n\
            MARK_GRANT=1\nDB2_PASSWORD=x\nhttp_proxy: http://proxy\n-----BEGIN KEY-----\nMIIB=\n";
        let (found, others) = variables(text);
        let found: Vec<_> = found
            .iter()
            .map(|variable| (variable.name.as_str(), variable.is_set))
            .collect();
        assert_eq!(
            found,
            [
                ("INTERCOM_ACCESS_TOKEN", true),
                ("INTERCOM_REGION", false),
                ("REDIS_URL", true),
                ("http_proxy", true)
            ]
        );
        assert_eq!(others, 3);
    }
}
