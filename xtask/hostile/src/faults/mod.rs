//! The faults, by family.

mod cuts;
mod encoding;
mod framing;
mod headers;
mod interim;
mod keep_alive;
mod status_line;
mod statuses;
mod timing;
mod tls;

use crate::fault::Fault;

/// All faults. The names within a family differ.
pub(crate) fn all() -> Vec<Fault> {
    let families = [
        ("status line", status_line::all()),
        ("status", statuses::all()),
        ("headers", headers::all()),
        ("framing", framing::all()),
        ("encoding", encoding::all()),
        ("interim", interim::all()),
        ("cut", cuts::all()),
        ("timing", timing::all()),
        ("keep-alive", keep_alive::all()),
        ("tls", tls::all()),
    ];
    let named = |(family, faults): (_, Vec<Fault>)| {
        let faults = faults.into_iter();
        faults.map(move |fault| Fault { family, ..fault })
    };
    families.into_iter().flat_map(named).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn there_are_hundreds_of_faults_and_each_has_a_name_of_its_own() {
        let faults = super::all();
        let names: BTreeSet<_> = faults
            .iter()
            .map(|fault| (fault.family, &fault.name))
            .collect();
        assert_eq!(names.len(), faults.len());
        assert!(faults.len() >= 200, "{}", faults.len());
    }
}
