//! Files that a batch rejects, and the errors about them.

use std::error::Error as _;
use std::fs;

use intercom_batch::{ErrorKind, Source};
use intercom_mock::{Method, MockServer, Scripted};

use crate::folder::{Folder, batch, next, read};

#[test]
fn file_that_is_not_the_results_is_rejected_and_unchanged() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("foreign", &[read("a")]);
    folder.write("out", b"a letter to my aunt\n");
    let error = folder.run(batch(&mock)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    assert!(error.to_string().contains("there is no journal"), "{error}");
    assert_eq!(folder.read("out"), "a letter to my aunt\n");
    assert!(!folder.path("out.journal").exists());

    let file = folder.path("in");
    let name = file.parent().unwrap().file_name().unwrap();
    let around = folder.path("..").join(name).join("in");
    for out in [&file, &around] {
        let error = batch(&mock).start(folder.source(), out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Results);
        let expected = format!(
            "the results {} are the input file itself; choose another file",
            out.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(folder.read("in"), format!("{}\n", read("a")));
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn error_names_the_file_that_cannot_be_opened() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("unopened", &[read("a")]);
    let error = Source::open(folder.path("none")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Open);
    assert!(
        error.to_string().ends_with("none cannot be read"),
        "{error}"
    );
    assert!(error.source().is_some());

    let start = |out| batch(&mock).start(folder.source(), out).unwrap_err();
    let error = start(folder.path("none").join("out"));
    assert_eq!(error.kind(), ErrorKind::Open);
    assert!(error.to_string().contains("cannot be opened"), "{error}");
    assert!(error.source().is_some());

    fs::create_dir(folder.path("folder")).unwrap();
    let error = start(folder.path("folder"));
    assert_eq!(error.kind(), ErrorKind::Results);
    assert!(
        error.to_string().contains("is not a regular file"),
        "{error}"
    );
    assert!(!folder.path("folder.journal").exists());
}

#[test]
fn two_runs_cannot_use_the_same_files() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::GET, "/me", [Scripted::close_before()]);
    let folder = Folder::new("two", &[read("a")]);
    let mut first = folder.start(batch(&mock)).unwrap();
    let error = folder.run(batch(&mock)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    // Another name of the results has another journal, so only the lock of the results helps.
    #[cfg(unix)]
    {
        fs::hard_link(folder.path("out"), folder.path("out2")).unwrap();
        let alias = batch(&mock).start(folder.source(), folder.path("out2"));
        assert_eq!(alias.unwrap_err().kind(), ErrorKind::Locked);
    }
    assert!(next(&mut first).unwrap().is_some());
    drop(first);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!(tally.skipped, 1, "dropping the run released the lock");
}
