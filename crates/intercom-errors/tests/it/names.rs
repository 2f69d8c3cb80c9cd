//! The names of variants, which JSON and logs carry.

use std::collections::BTreeSet;

use intercom_errors::{
    Action, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend,
};

macro_rules! each_name_is_read_back {
    ($($name:ident),+ $(,)?) => {
        $({
            let mut names = BTreeSet::new();
            for &one in $name::ALL {
                let name = one.as_str();
                assert!(names.insert(name), "{name}");
                assert_eq!((name.parse(), one.to_string()), (Ok(one), name.to_owned()));
                assert_eq!(format!("{one:>30}"), format!("{name:>30}"));
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
                assert!(!one.meaning().is_empty(), "{name}");
            }
            for other in ["", "NOT_FOUND", " safe", "brand_new"] {
                let error = other.parse::<$name>().unwrap_err();
                let expected = concat!("unknown name of a variant of ", stringify!($name));
                assert_eq!(error.to_string(), expected);
            }
        })+
    };
}

#[test]
fn every_name_is_read_back_and_no_other() {
    each_name_is_read_back!(
        Action, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend,
    );
    assert!(Resend::ALL.is_sorted());
}
