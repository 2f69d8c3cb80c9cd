//! The names of variants, for logs.

use intercom_batch::{Ending, ErrorKind, Stopped};

#[test]
fn every_name_parses_to_its_variant() {
    assert!(
        Ending::ALL
            .iter()
            .all(|one| one.as_str().parse() == Ok(*one))
    );
    assert!(
        ErrorKind::ALL
            .iter()
            .all(|one| one.as_str().parse() == Ok(*one))
    );
    assert!(
        Stopped::ALL
            .iter()
            .all(|one| one.as_str().parse() == Ok(*one))
    );
    assert_eq!(Stopped::TokenRefused.to_string(), "token_refused");
}
