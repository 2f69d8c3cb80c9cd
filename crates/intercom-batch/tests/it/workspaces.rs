//! Exports that go on with the token of another workspace.

use std::sync::Arc;
use std::time::Duration;

use intercom_batch::{
    ErrorKind, Export, ExportError, MessageExport, MessageExportError, MessagePeriod,
};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::{ApiRequest, UnixTime};
use serde_json::json;

use crate::folder::Folder;
use crate::world::{MockClock, offline};

#[test]
fn export_of_messages_is_not_continued_in_another_workspace() {
    for ending in ["completed", "failed"] {
        let builder = MockServer::builder().exported_messages(10);
        let mock = Arc::new(builder.export_time(Duration::from_secs(60)).offline());
        mock.set_export_ending(ending);
        let client = offline(&mock, MockClock::new(mock.clone()));
        let folder = Folder::new(&format!("workspaces-{ending}"), &[""]);
        let time = |seconds| UnixTime::from_secs(seconds).unwrap();
        let period = MessagePeriod::between(time(1_772_323_200), time(1_775_001_599));
        let run = || {
            let export = MessageExport::start(&client, period, folder.path("out")).unwrap();
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_all().build().unwrap();
            runtime.block_on(export.deadline(Duration::from_secs(7)).finish())
        };
        assert!(run().is_err());
        if ending == "failed" {
            mock.advance_clock(Duration::from_secs(60));
            assert!(matches!(run(), Err(MessageExportError::Ended(_))));
            mock.set_export_ending("completed");
        }
        let journal = folder.read("out.journal");
        let posts = mock.count(&Method::POST, "/export/content/data");
        let me = json!({ "type": "admin", "id": "1", "app": { "id_code": "other\u{1b}" } });
        let other = Scripted::status(200).json(me);
        mock.script(Method::GET, "/me", [other]);
        match run() {
            Err(MessageExportError::File(error)) => {
                assert_eq!(error.kind(), ErrorKind::Results);
                let text = error.to_string();
                let why = r"out was started in workspace tx2p130c, but the access token reads workspace other\u{1b}; use the token of that workspace, or another file";
                assert!(text.ends_with(why), "{text}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(folder.read("out.journal"), journal);
        assert_eq!(mock.count(&Method::POST, "/export/content/data"), posts);
        // With the right token it goes on.
        mock.advance_clock(Duration::from_secs(600));
        while run().is_err() {
            mock.advance_clock(Duration::from_secs(600));
        }
        assert_eq!(folder.read("out").lines().count(), 11);
    }
}

#[test]
fn workspace_that_me_does_not_name_is_not_compared() {
    let mock = Arc::new(MockServer::builder().exported_messages(10).offline());
    let client = offline(&mock, MockClock::new(mock.clone()));
    let folder = Folder::new("workspaces-unknown", &[""]);
    let time = |seconds| UnixTime::from_secs(seconds).unwrap();
    let period = MessagePeriod::between(time(1), time(2));
    let me = Scripted::status(200).json(json!({ "type": "admin", "id": "1" }));
    mock.script(Method::GET, "/me", [me]);
    let export = MessageExport::start(&client, period, folder.path("out")).unwrap();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(export.finish()).unwrap();
    assert!(!folder.read("out.journal").contains("workspace"));
}

#[test]
fn export_of_conversations_is_not_continued_in_another_workspace() {
    let mock = Arc::new(MockServer::builder().offline());
    let contact = mock.add_contact(json!({ "email": "ada@example.org" }));
    for number in 0..50 {
        mock.add_conversation(&contact, &number.to_string());
    }
    let client = offline(&mock, MockClock::new(mock.clone()));
    let folder = Folder::new("workspaces-conversations", &[""]);
    let run = |most: usize| -> Result<usize, ExportError> {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(async {
            let list = ApiRequest::get("/conversations").query("per_page", 20);
            let mut export = Export::start(client.walk(list), folder.path("out"))?;
            export.check_workspace().await?;
            let mut read = 0;
            while read < most && export.next().await? {
                read += 1;
            }
            Ok(read)
        })
    };
    assert_eq!(run(30).unwrap(), 30);
    let me = Scripted::status(200).json(json!({ "app": { "id_code": "other" } }));
    mock.script(Method::GET, "/me", [me, Scripted::status(401)]);
    let before = folder.read("out.journal");
    match run(100) {
        Err(ExportError::Walk(error)) => assert_eq!(
            error.difference().unwrap().to_string(),
            "the checkpoint is of workspace tx2p130c, but the access token reads workspace other"
        ),
        other => panic!("{other:?}"),
    }
    assert!(matches!(run(100), Err(ExportError::Call(_))));
    assert_eq!(folder.read("out.journal"), before);
    run(100).unwrap();
    assert_eq!(folder.read("out").lines().count(), 50);
}
