//! Exports of lists that end early, or whose pages overlap.

use std::collections::BTreeSet;

use intercom_async::Client;
use intercom_batch::{Export, ExportError};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::{ApiRequest, RetryPolicy};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::folder::Folder;

type Items<'c> = Walk<'c, Client, Async, Box<RawValue>>;

fn contacts(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::get("/contacts").query("per_page", 20))
}

fn client(mock: &MockServer) -> Client {
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    builder.policy(RetryPolicy::none()).build().unwrap()
}

/// A page with these items, and the cursor of the next one.
fn page(items: std::ops::Range<u64>, next: Option<u64>, total: u64) -> Scripted {
    let item = |number: u64| json!({ "id": number.to_string() });
    let next = next.map(|next| json!({ "starting_after": next.to_string() }));
    let data: Vec<Value> = items.map(item).collect();
    Scripted::status(200).json(json!({
        "type": "list", "data": data, "pages": { "next": next }, "total_count": total,
    }))
}

/// Exports at most so many items more. Returns whether the file is complete, and the duplicates so far.
fn export(mock: &MockServer, folder: &Folder, most: usize) -> Result<(bool, u64), ExportError> {
    let (client, out) = (client(mock), folder.path("items"));
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(async {
        let mut export = Export::start(contacts(&client), out)?;
        for _ in 0..most {
            if !export.next().await? {
                break;
            }
        }
        Ok((export.is_complete(), export.report().duplicates()))
    })
}

/// The ids in the file, in their order.
fn ids(folder: &Folder) -> Vec<u64> {
    let text = folder.read("items");
    let id = |line: &str| {
        let item: Value = serde_json::from_str(line).unwrap();
        item["id"].as_str().unwrap().parse().unwrap()
    };
    text.lines().map(id).collect()
}

#[test]
fn list_that_ends_early_is_not_complete_and_the_next_run_reads_its_end_again() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("pages-early", &[""]);
    let script = |pages: Vec<Scripted>| mock.script(Method::GET, "/contacts", pages);
    script(vec![page(0..20, Some(20), 100), page(20..40, None, 100)]);
    assert!(!export(&mock, &folder, 1_000).unwrap().0);
    assert_eq!(ids(&folder), Vec::from_iter(0..40));
    // It still ends there.
    script(vec![page(20..40, None, 100)]);
    assert!(!export(&mock, &folder, 1_000).unwrap().0);
    assert_eq!(ids(&folder), Vec::from_iter(0..40));
    script(vec![page(20..60, Some(60), 100), page(60..95, None, 100)]);
    assert!(export(&mock, &folder, 1_000).unwrap().0);
    assert_eq!(ids(&folder), Vec::from_iter(0..95));
    mock.clear_requests();
    assert!(export(&mock, &folder, 1_000).unwrap().0);
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn early_end_is_not_saved_as_the_end() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("pages-save", &[""]);
    let pages = [page(0..20, None, 100)];
    mock.script(Method::GET, "/contacts", pages.clone());
    let (client, out) = (client(&mock), folder.path("items"));
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(async {
        let mut export = Export::start(contacts(&client), out).unwrap();
        while export.next().await.unwrap() {}
        export.save().unwrap();
        assert!(!export.is_complete());
        assert!(!export.next().await.unwrap() && !export.is_complete());
    });
    mock.script(Method::GET, "/contacts", pages);
    assert!(!export(&mock, &folder, 1_000).unwrap().0);
    assert_eq!(ids(&folder), Vec::from_iter(0..20));
}

#[test]
fn item_on_two_pages_is_in_the_file_once_however_often_the_export_is_killed() {
    for step in [1_000, 1, 7, 19, 20, 21, 33] {
        let mock = MockServer::start().unwrap();
        let folder = Folder::new(&format!("pages-overlap-{step}"), &[""]);
        // The server looks at the cursor; a script does not.
        let pages = [(0, 0..20), (20, 15..35), (35, 10..50), (50, 45..60)];
        let mut saved = 0;
        let mut runs = 0;
        let duplicates = loop {
            mock.clear_scripts();
            let left = pages.iter().filter(|(cursor, _)| *cursor >= saved);
            let next = |cursor: u64| pages.iter().map(|page| page.0).find(|next| *next > cursor);
            let left = left.map(|(cursor, items)| page(items.clone(), next(*cursor), 60));
            mock.script(Method::GET, "/contacts", left);
            let (complete, duplicates) = export(&mock, &folder, step + runs).unwrap();
            if complete {
                break duplicates;
            }
            saved = cursor(&folder);
            runs += 1;
            assert!(runs < 100, "the export does not end");
        };
        let ids = ids(&folder);
        let different: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(
            (ids.len(), different.len(), duplicates),
            (60, 60, 35),
            "{step}"
        );
    }
}

/// The cursor in the latest entry of the journal.
fn cursor(folder: &Folder) -> u64 {
    let journal = folder.read("items.journal");
    let entry = journal.lines().next_back().unwrap();
    let place = entry.split_once(r#""after":""#).map(|(_, rest)| rest);
    let cursor = place.and_then(|rest| rest.split('"').next());
    cursor.map_or(0, |cursor| cursor.parse().unwrap())
}
