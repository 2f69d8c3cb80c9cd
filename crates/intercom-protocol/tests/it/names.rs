//! The names of variants, which settings, JSON and logs carry.

use intercom_protocol::flows::{OnArchived, Outcome};
use intercom_protocol::{ErrorKind, Expect, Region, Role, StatusIndicator};

macro_rules! each_name_is_read_back {
    ($($name:ident),+ $(,)?) => {
        $(for &one in $name::ALL {
            let name = one.as_str();
            assert_eq!((name.parse(), one.to_string()), (Ok(one), name.to_owned()));
        })+
    };
}

#[test]
fn every_name_is_read_back() {
    each_name_is_read_back!(ErrorKind, Expect, OnArchived, Outcome, Region, Role);
}

#[test]
fn an_unknown_region_is_answered_with_those_there_are() {
    assert_eq!("EU".parse(), Ok(Region::Eu));
    let error = "mars\u{7}".parse::<Region>().unwrap_err();
    insta::assert_snapshot!(error, @"unknown region; use one of au, eu, us");
}

#[test]
fn any_word_of_the_status_page_is_an_indicator() {
    for word in ["none", "minor", "major", "critical", "maintenance"] {
        let Ok(indicator) = word.parse::<StatusIndicator>();
        assert_eq!(indicator.to_string(), word);
        assert_eq!(format!("{indicator:>12}"), format!("{word:>12}"));
    }
    assert_eq!(StatusIndicator::from("major"), StatusIndicator::Major);
}
