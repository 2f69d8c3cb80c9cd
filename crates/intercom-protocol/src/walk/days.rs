//! A search for contacts, split into spans of days.
//!
//! A search compares `created_at` by calendar day in the workspace's time zone, which is unknown. For any time `t`, each contact
//! was created before the day of `t`, on it, or after it. So the three conditions `<`, `=` and `>` with the same `t` split a
//! search without a gap and without an overlap, in any time zone. They would also do so if seconds were compared.
//!
//! Contacts come in the order of their creation. A search that fails in the middle goes on at the day of the contact that was
//! returned last; what was returned of that day is dropped.
//!
//! A span that cannot be split, and of which a contact cannot be read, is read backward from its end as well. The number of
//! contacts in the span says how many were missed.

use core::cmp::Ordering;

use intercom_errors::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::checkpoint::Marks;
use super::loaded::Item;
use crate::ApiRequest;

const DAY: i64 = 86_400;

/// 2011-01-01: Intercom was founded in that year.
const FOUNDED: i64 = 1_293_840_000;

/// How many days the span after a time is split at, if it has no end.
const TAIL: i64 = 4_096;

/// The latest time at which a span is split: in the year 2100.
const LATEST: i64 = 4_102_444_800;

/// The spans of days that a search still has to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Days {
    /// The first one is being read.
    spans: Vec<Span>,
    /// How far the walk has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reached: Option<Reached>,
    /// Whether a contact of the first span was returned.
    #[serde(default)]
    within: bool,
    /// What was returned before the search was split, and comes again in the first span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dropped: Option<Reached>,
    /// Where the first span could not be read further, if it is being read from its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turned: Option<Turned>,
    /// Whether a contact came before one that was created earlier, so that the server does not keep the order.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    disordered: bool,
    /// How many contacts of the first span have arrived, and how many it has.
    #[serde(default)]
    arrived: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

/// Where a span could not be read further: how many items came before, the cursor, and the id of the item before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Turned {
    pub(super) index: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<String>,
}

/// What a contact is, in a span that is read for the second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    New,
    /// It was returned before.
    Returned,
    /// It was returned before, and so was everything that comes after it.
    Rest,
}

/// The days after the day of a time, on the day of a time, and before the day of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
}

/// The time of the contact that was returned last, and the contacts with this time that were returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reached {
    at: i64,
    returned: Marks,
}

impl Days {
    /// Prepares a search for contacts: sets its order. Other requests, and searches with their own order, cannot be split.
    pub(super) fn new(first: &ApiRequest) -> Option<(Self, ApiRequest)> {
        if first.path() != "/contacts/search" {
            return None;
        }
        let mut body: Value = serde_json::from_slice(first.body()?).ok()?;
        let members = body.as_object_mut()?;
        if !members.contains_key("query") || members.get("sort").is_some_and(|sort| !sort.is_null())
        {
            return None;
        }
        let order = json!({ "field": "created_at", "order": "ascending" });
        members.insert("sort".to_owned(), order);
        let days = Self {
            spans: vec![Span::default()],
            reached: None,
            within: false,
            dropped: None,
            turned: None,
            disordered: false,
            arrived: 0,
            total: None,
        };
        Some((days, first.clone().json(&body)))
    }

    /// Whether the whole search is read at once.
    pub(super) fn is_whole(&self) -> bool {
        self.spans.first() == Some(&Span::default())
    }

    /// Adds the conditions of the span that is being read.
    pub(super) fn limit(&self, search: ApiRequest) -> ApiRequest {
        let conditions = self.spans.first().map(Span::conditions).unwrap_or_default();
        let body = search
            .body()
            .and_then(|body| serde_json::from_slice(body).ok());
        let Some(mut body) = body.filter(|_: &Value| !conditions.is_empty()) else {
            return search;
        };
        if let Some(order) = body
            .pointer_mut("/sort/order")
            .filter(|_| self.turned.is_some())
        {
            *order = "descending".into();
        }
        if let Some(query) = body.get_mut("query") {
            *query = and(query.take(), conditions);
        }
        search.json(&body)
    }

    /// Whether the contact was returned before the search was split or turned.
    pub(super) fn known(&mut self, item: &Item) -> Known {
        let Some((dropped, at)) = self.dropped.as_ref().zip(item.created_at) else {
            return Known::New;
        };
        let was_returned = match at.cmp(&dropped.at) {
            Ordering::Less if self.turned.is_some() => return Known::Rest,
            Ordering::Less => true,
            Ordering::Equal => dropped.returned.0.contains(&item.key.mark()),
            Ordering::Greater => false,
        };
        if !was_returned {
            return Known::New;
        }
        if self.turned.is_none() {
            self.arrived += 1;
        }
        Known::Returned
    }

    /// The span has this many contacts.
    pub(super) fn set_total(&mut self, total: Option<u64>) {
        self.total = total.or(self.total);
    }

    /// How many contacts of the span have not arrived.
    pub(super) fn missing(&self) -> Option<u64> {
        self.total?.checked_sub(self.arrived)
    }

    /// The contact is returned.
    pub(super) fn returned(&mut self, item: &Item) {
        self.arrived += 1;
        let (Some(at), mark) = (item.created_at, item.key.mark()) else {
            return;
        };
        let is_after = |reached: &Reached| self.turned.is_none() && at < reached.at;
        self.disordered |= self.within && self.reached.as_ref().is_some_and(is_after);
        self.within = true;
        match &mut self.reached {
            Some(reached) if reached.at == at => reached.returned.0.push(mark),
            reached => {
                let returned = Marks(vec![mark]);
                *reached = Some(Reached { at, returned });
            }
        }
    }

    /// Ends the span that is being read. Returns whether there is another one.
    pub(super) fn finish_span(&mut self) -> bool {
        if self.spans.len() > 1 {
            self.spans.remove(0);
            self.enter();
            return true;
        }
        false
    }

    /// Splits the span that is being read. Returns whether it could be split.
    pub(super) fn split(&mut self) -> bool {
        let Some(span) = self.spans.first().copied() else {
            return false;
        };
        let reached = self.reached.as_ref().filter(|_| self.within);
        let parts = match reached {
            _ if span.on.is_some() => return false,
            Some(_) if self.disordered => return false,
            Some(reached) => vec![span.on(reached.at), span.after(reached.at)],
            None => match span.middle() {
                Some(middle) => {
                    vec![span.before(middle), span.on(middle), span.after(middle)]
                }
                None => return false,
            },
        };
        let dropped = reached.cloned();
        self.enter();
        self.dropped = dropped;
        self.spans.splice(..1, parts);
        true
    }

    /// Begins to read the span from its end, because it cannot be read further than this. Returns `false` if it is already
    /// being read so, or if the server does not keep the order.
    pub(super) fn turn_back(&mut self, at: Turned) -> bool {
        if self.turned.is_some() || self.disordered {
            return false;
        }
        if self.within {
            self.dropped.clone_from(&self.reached);
        }
        self.turned = Some(at);
        true
    }

    /// Where the span could not be read further, if it is being read from its end.
    pub(super) const fn turned_at(&self) -> Option<&Turned> {
        self.turned.as_ref()
    }

    fn enter(&mut self) {
        self.within = false;
        self.dropped = None;
        self.turned = None;
        self.arrived = 0;
        self.total = None;
    }

    /// The name of the day that is being read, if it is a single one.
    pub(super) fn day(&self) -> Option<String> {
        let span = self.spans.first()?;
        let day = span.on.or_else(|| Some(span.after?.saturating_add(DAY)));
        let time = u64::try_from(day.or(span.before)?).ok()?;
        let time = UnixTime::from_secs(time)?;
        Some(time.to_string().chars().take(10).collect())
    }
}

impl Span {
    fn conditions(&self) -> Vec<Value> {
        let condition = |operator: &str, time: Option<i64>| {
            let value = time?.to_string();
            Some(json!({ "field": "created_at", "operator": operator, "value": value }))
        };
        let all = [(">", self.after), ("=", self.on), ("<", self.before)];
        all.into_iter()
            .filter_map(|(operator, time)| condition(operator, time))
            .collect()
    }

    const fn on(self, time: i64) -> Self {
        Self {
            on: Some(time),
            ..self
        }
    }

    const fn after(self, time: i64) -> Self {
        Self {
            after: Some(time),
            ..self
        }
    }

    const fn before(self, time: i64) -> Self {
        Self {
            before: Some(time),
            ..self
        }
    }

    /// A time whose day divides the span; `None` if the span may be a single day.
    fn middle(&self) -> Option<i64> {
        let middle = match (self.after, self.before) {
            (Some(after), Some(before)) => {
                let days = (before - after) / DAY;
                after + (days / 2).max(1) * DAY
            }
            (Some(after), None) => after + TAIL * DAY,
            (None, _) => FOUNDED,
        };
        let is_inside = self.before.is_none_or(|before| middle < before);
        (is_inside && middle < LATEST).then_some(middle)
    }
}

/// Adds conditions to a query, within its own group if it has one.
fn and(mut query: Value, conditions: Vec<Value>) -> Value {
    let is_group = query.get("operator").and_then(Value::as_str) == Some("AND");
    let members = query.get_mut("value").and_then(Value::as_array_mut);
    match members {
        // A group can have 15 members.
        Some(members) if is_group && members.len() + conditions.len() <= 15 => {
            members.extend(conditions);
            query
        }
        _ => {
            let members: Vec<Value> = [query].into_iter().chain(conditions).collect();
            json!({ "operator": "AND", "value": members })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Known::{New, Rest, Returned};
    use super::*;
    use crate::flows::Cursor;
    use crate::walk::seen::IdKey;

    fn days() -> Days {
        let search = ApiRequest::post("/contacts/search").json(&json!({ "query": {} }));
        Days::new(&search).unwrap().0
    }

    fn contact(id: &str, at: i64) -> Item {
        Item {
            key: IdKey::new(id),
            id: id.to_owned(),
            created_at: Some(at),
            workspace: None,
            after: Cursor::default(),
        }
    }

    /// Days of which `a` at 10 s, then `b` and `c` at 20 s were returned.
    fn read() -> Days {
        let mut days = days();
        for (id, at) in [("a", 10), ("b", 20), ("c", 20)] {
            let contact = contact(id, at);
            assert_eq!(days.known(&contact), Known::New);
            days.returned(&contact);
        }
        days
    }

    /// What a contact is that was created before the last one, two that were created with it, one of which was returned, and one
    /// that was created later.
    fn known(days: &mut Days) -> [Known; 4] {
        let contacts = [("a", 10), ("b", 20), ("d", 20), ("e", 30)];
        contacts.map(|(id, at)| days.known(&contact(id, at)))
    }

    #[test]
    fn what_was_returned_before_a_split_is_known_and_counted() {
        let mut days = read();
        assert!(days.split());
        days.set_total(Some(5));
        assert_eq!(known(&mut days), [Returned, Returned, New, New]);
        assert_eq!(days.missing(), Some(3));
    }

    /// Contacts of the same second can come in any order, so one that was returned does not say that all have come.
    #[test]
    fn what_was_returned_before_a_span_is_turned_is_known_and_not_counted_again() {
        let mut days = read();
        days.set_total(Some(5));
        let place = Turned {
            index: 3,
            cursor: None,
            before: None,
        };
        assert!(days.turn_back(place));
        assert_eq!(known(&mut days), [Rest, Returned, New, New]);
        assert_eq!(days.missing(), Some(2));
    }

    fn span(after: impl Into<Option<i64>>, before: impl Into<Option<i64>>) -> Span {
        let (after, before) = (after.into(), before.into());
        Span {
            after,
            before,
            on: None,
        }
    }

    #[test]
    fn span_is_divided_in_its_middle_unless_it_may_be_a_single_day() {
        let day = |days: i64| FOUNDED + days * DAY;
        assert_eq!(span(None, None).middle(), Some(FOUNDED));
        assert_eq!(span(None, day(1)).middle(), Some(FOUNDED));
        assert_eq!(span(None, FOUNDED).middle(), None);
        assert_eq!(span(day(10), day(20)).middle(), Some(day(15)));
        assert_eq!(span(day(10), day(13)).middle(), Some(day(11)));
        assert_eq!(span(day(10), day(12)).middle(), Some(day(11)));
        assert_eq!(span(day(10), day(11)).middle(), None);
        assert_eq!(span(day(10), None).middle(), Some(day(10 + TAIL)));
        let last = LATEST - TAIL * DAY;
        assert_eq!(span(last, None).middle(), None);
        assert_eq!(span(last - 1, None).middle(), Some(LATEST - 1));
    }

    #[test]
    fn conditions_join_a_group_that_has_room() {
        let conditions = || vec![json!(1), json!(2)];
        let joined = |operator: &str, members: usize| {
            let query = json!({ "operator": operator, "value": vec![0; members] });
            let joined = and(query, conditions());
            joined["value"].as_array().map_or(0, Vec::len)
        };
        assert_eq!((joined("AND", 1), joined("AND", 13)), (3, 15));
        // One group in another.
        assert_eq!((joined("AND", 14), joined("OR", 1)), (3, 3));
        let single = json!({ "field": "role", "operator": "=", "value": "user" });
        let expected = json!({ "operator": "AND", "value": [single, 1, 2] });
        assert_eq!(and(single, conditions()), expected);
    }
}
