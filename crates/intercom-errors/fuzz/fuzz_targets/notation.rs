//! Fuzzes the reader of notations, which `intercom explain` uses for pasted text.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, unused_imports, reason = "the command uses more of it")]
#[path = "../../../intercom-cli/src/commands/explain/notation/mod.rs"]
mod notation;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let tree = notation::parse(&text);
    for (index, node) in tree.nodes.iter().enumerate().skip(1) {
        assert!(node.parent < index, "a parent comes before its children");
        assert!(node.start <= text.len(), "{}", node.start);
        assert!(tree.path(index).count() < 1_000);
    }
});
