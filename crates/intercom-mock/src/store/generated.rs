//! Objects that are made when they are read, so that a workspace with millions of them needs no memory.

use super::WORKSPACE;

/// How many objects are made, in front of those that are stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Generated {
    pub(crate) companies: u64,
    pub(crate) contacts: u64,
}

/// 2023-11-14, when the first object was created. One follows each minute.
const FIRST: u64 = 1_700_000_000;

/// Returns the company with this number.
pub(crate) fn company(number: u64) -> String {
    let at = FIRST + number * 60;
    format!(
        r#"{{"type":"company","id":"6762f0dc{number:016x}","company_id":"c-{number}","app_id":"{WORKSPACE}","name":"Company {number}","created_at":{at},"updated_at":{at},"user_count":1,"custom_attributes":{{}}}}"#
    )
}

/// Returns the contact with this number.
pub(crate) fn contact(number: u64) -> String {
    let at = FIRST + number * 60;
    format!(
        r#"{{"type":"contact","id":"6762f0db{number:016x}","workspace_id":"{WORKSPACE}","external_id":"u-{number}","role":"user","email":"u{number}@example.org","name":null,"created_at":{at},"updated_at":{at},"custom_attributes":{{}}}}"#
    )
}
