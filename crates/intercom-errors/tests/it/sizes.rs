//! The sizes of errors. An error adds one word to the result of a call.

use std::mem::size_of;

use intercom_errors::{ApiError, Class, Fault};

const WORD: usize = size_of::<usize>();

#[test]
fn errors_and_faults_have_the_size_of_one_word() {
    assert_eq!(size_of::<ApiError>(), WORD);
    assert_eq!(size_of::<Fault>(), WORD);
    assert_eq!(size_of::<Result<(), ApiError>>(), WORD);
    assert_eq!(size_of::<Result<(), Fault>>(), WORD);
    assert_eq!(size_of::<Option<ApiError>>(), WORD);
    assert!(size_of::<Class>() <= WORD);
}

#[test]
fn errors_are_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync + 'static>() {}
    is_send_and_sync::<ApiError>();
    is_send_and_sync::<Fault>();
}
