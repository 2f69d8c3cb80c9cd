//! The names of variants, which occur in JSON and logs.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use intercom_errors::{
    Action, AnsweredBy, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend,
};

macro_rules! assert_names_round_trip {
    ($($name:ident),+ $(,)?) => {
        $({
            let mut names = BTreeSet::new();
            for &one in $name::ALL {
                let name = one.as_str();
                assert!(names.insert(name), "{name}");
                assert_eq!((name.parse(), one.to_string()), (Ok(one), name.to_owned()));
                assert_eq!(name.to_ascii_uppercase().parse(), Ok(one));
                assert_eq!(format!("{one:>30}"), format!("{name:>30}"));
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
                assert!(!one.meaning().is_empty(), "{name}");
                let stored = serde_json::to_string(&one).unwrap();
                assert_eq!(stored, format!("{name:?}"));
                assert_eq!(serde_json::from_str::<$name>(&stored).unwrap(), one);
            }
            for other in ["", " safe", "brand_new", "\x1b[2J"] {
                let error = other.parse::<$name>().unwrap_err().to_string();
                let (_, listed) = error.split_once("; use one of ").unwrap();
                assert!(listed.split(", ").eq($name::ALL.iter().map(|one| one.as_str())), "{error}");
            }
        })+
    };
}

#[test]
fn names_round_trip_and_others_are_rejected() {
    assert_names_round_trip!(
        Action, AnsweredBy, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend,
    );
    assert!(Resend::ALL.is_sorted());
}

#[test]
fn the_error_lists_the_valid_names() {
    let error = "sometimes".parse::<Resend>().unwrap_err();
    assert_snapshot!(error, @"unknown resend; use one of never, if_replayable, safe");
    let error = "sometimes".parse::<HintCause>().unwrap_err();
    assert_snapshot!(error, @"unknown hint cause; use one of firewall, rate_limit_reset, retry_after, scroll_idle");
}
