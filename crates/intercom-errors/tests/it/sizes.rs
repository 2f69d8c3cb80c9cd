//! An error costs a call that succeeds one word.

use std::mem::size_of;

use intercom_errors::{ApiError, Class, Fault};

const WORD: usize = size_of::<usize>();

#[test]
fn errors_and_faults_are_one_word_wide() {
    assert_eq!(size_of::<ApiError>(), WORD);
    assert_eq!(size_of::<Fault>(), WORD);
    assert_eq!(size_of::<Result<(), ApiError>>(), WORD);
    assert_eq!(size_of::<Result<(), Fault>>(), WORD);
    assert_eq!(size_of::<Option<ApiError>>(), WORD);
    assert!(size_of::<Class>() <= WORD);
}

#[test]
fn errors_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<ApiError>();
    crosses::<Fault>();
}
