//! The names of variants in settings, JSON and logs.

use intercom_protocol::flows::{ExportStatus, OnArchived, Outcome, TokenState};
use intercom_protocol::{ErrorKind, Expect, Region, Role, StatusIndicator};

macro_rules! assert_names_parse {
    ($($name:ident),+ $(,)?) => {
        $(for &one in $name::ALL {
            let name = one.as_str();
            assert_eq!((name.parse(), one.to_string()), (Ok(one), name.to_owned()));
        })+
    };
}

#[test]
fn every_name_parses_to_its_variant() {
    assert_names_parse!(
        ErrorKind,
        Expect,
        ExportStatus,
        OnArchived,
        Outcome,
        Region,
        Role,
        TokenState
    );
}

#[test]
fn the_error_of_an_unknown_region_lists_the_regions() {
    assert_eq!("EU".parse(), Ok(Region::Eu));
    let error = "mars\u{7}".parse::<Region>().unwrap_err();
    insta::assert_snapshot!(error, @"unknown region; use one of au, eu, us");
}

#[test]
fn any_word_is_a_status_indicator() {
    for word in ["none", "minor", "major", "critical", "maintenance"] {
        let Ok(indicator) = word.parse::<StatusIndicator>();
        assert_eq!(indicator.to_string(), word);
        assert_eq!(format!("{indicator:>12}"), format!("{word:>12}"));
    }
    assert_eq!(StatusIndicator::from("major"), StatusIndicator::Major);
}
