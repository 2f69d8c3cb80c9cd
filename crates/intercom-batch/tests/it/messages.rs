//! Exports of messages that are killed at any place and started again.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use intercom_async::Client;
use intercom_batch::{
    ErrorKind, MessageExport, MessageExportError, MessagePeriod, MessagePhase, MessageProgress,
};
use intercom_mock::bytes::Bytes;
use intercom_mock::{Method, MockBuilder, MockServer, Scripted, http};
use intercom_protocol::{RetryPolicy, UnixTime};

use crate::folder::Folder;
use crate::world::{MockClock, offline};

const ROWS: u64 = 5_000;
const HOUR: Duration = Duration::from_secs(3_600);

fn builder() -> MockBuilder {
    MockServer::builder().exported_messages(ROWS)
}

fn time(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds).unwrap()
}

fn march() -> MessagePeriod {
    MessagePeriod::between(time(1_772_323_200), time(1_775_001_599))
}

/// A mock on a virtual clock, a client, and a folder.
struct World {
    mock: Arc<MockServer>,
    clock: MockClock,
    client: Client,
    folder: Folder,
}

impl World {
    fn new(name: &str, takes: Duration) -> Self {
        let mock = Arc::new(builder().export_time(takes).offline());
        let clock = MockClock::new(mock.clone());
        let client = offline(&mock, clock.clone());
        let folder = Folder::new(&format!("messages-{name}"), &[""]);
        Self {
            mock,
            clock,
            client,
            folder,
        }
    }

    fn export(&self) -> MessageExport<'_, Client> {
        MessageExport::start(&self.client, march(), self.folder.path("out")).unwrap()
    }

    fn finish(&self) -> Result<u64, MessageExportError> {
        on_runtime(self.export().finish())
    }

    fn posts(&self) -> usize {
        self.mock.count(&Method::POST, "/export/content/data")
    }

    #[track_caller]
    fn assert_complete(&self) {
        assert_complete(&self.folder, ROWS);
    }
}

#[track_caller]
fn assert_complete(folder: &Folder, rows: u64) {
    let table = folder.read("out");
    assert_eq!(table.lines().count() as u64, rows + 1);
    assert!(table.ends_with(&format!("\"Hello, {}\"\n", rows - 1)));
    assert!(!folder.path("out.part").exists());
}

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

fn client(mock: &MockServer) -> Client {
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    builder.policy(RetryPolicy::none()).build().unwrap()
}

/// Runs an export until its progress is like this, and ends without a word, like a process that is killed.
fn kill_when(export: MessageExport<'_, Client>, is_enough: impl Fn(&MessageProgress) -> bool) {
    let progress = export.progress();
    on_runtime(async {
        tokio::select! {
            ended = export.finish() => panic!("it ended before it was killed: {ended:?}"),
            () = async {
                while !is_enough(&progress) {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    });
}

#[test]
fn export_waits_for_its_job_and_unpacks_the_table() {
    let world = World::new("whole", HOUR);
    let export = world.export();
    let progress = export.progress();
    let bytes = on_runtime(export.finish()).unwrap();
    assert!(world.clock.slept() >= HOUR);
    // The first five waits take half a minute, all others half a minute each.
    let polls = world.mock.request_count() - 3;
    assert!((120..=127).contains(&polls), "{polls}");
    world.assert_complete();
    assert_eq!(bytes, world.folder.read("out").len() as u64);
    assert_eq!(
        (progress.phase(), progress.bytes()),
        (MessagePhase::Complete, bytes)
    );
    // A complete export requests nothing.
    world.mock.clear_requests();
    assert_eq!(world.finish().unwrap(), bytes);
    assert_eq!(world.mock.request_count(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new("private", Duration::ZERO);
    world.finish().unwrap();
    for name in ["out", "out.journal"] {
        let mode = world
            .folder
            .path(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn export_killed_while_it_waits_goes_on_with_the_same_job() {
    let world = World::new("killed-waiting", HOUR);
    for sleeps in 1..10 {
        world.clock.stop_after(sleeps);
        kill_when(world.export(), |_| world.clock.is_stopped());
    }
    world.clock.go_on();
    world.finish().unwrap();
    assert_eq!((world.posts(), world.mock.export_count()), (1, 1));
    world.assert_complete();
}

#[test]
fn export_killed_while_it_downloads_leaves_only_a_part() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-killed-downloading", &[""]);
    let (client, out) = (client(&mock), folder.path("out"));
    let slow = Scripted::normal().body_delay(HOUR);
    mock.script(Method::GET, "/download/*", [slow.clone(), slow]);
    for _ in 0..2 {
        let export = MessageExport::start(&client, march(), &out).unwrap();
        kill_when(export, |progress| progress.bytes() > 0);
        assert!(folder.path("out.part").exists() && !out.exists());
    }
    on_runtime(
        MessageExport::start(&client, march(), &out)
            .unwrap()
            .finish(),
    )
    .unwrap();
    assert_eq!(mock.export_count(), 1);
    assert_complete(&folder, ROWS);
}

#[test]
fn download_that_breaks_off_is_continued_or_begun_anew() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-broken", &[""]);
    let out = folder.path("out");
    let finish = |client: &Client| {
        on_runtime(
            MessageExport::start(client, march(), &out)
                .unwrap()
                .finish(),
        )
    };
    let broken = Scripted::normal().truncate_after(9_000);
    mock.script(Method::GET, "/download/*", [broken.clone()]);
    let error = finish(&client(&mock)).unwrap_err();
    assert!(matches!(error, MessageExportError::Call(_)), "{error}");
    assert!(!out.exists());
    // With ranges and a policy that retries.
    let whole = Scripted::normal().ranges("\"1\"");
    mock.script(Method::GET, "/download/*", [broken.ranges("\"1\""), whole]);
    let policy = RetryPolicy::builder().base(Duration::ZERO).build().unwrap();
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    finish(&builder.policy(policy).build().unwrap()).unwrap();
    assert!(mock.requests().last().unwrap().header("range").is_some());
    assert_complete(&folder, ROWS);
}

#[test]
fn export_that_was_killed_before_the_table_was_renamed_needs_no_request() {
    let world = World::new("renamed", Duration::ZERO);
    world.finish().unwrap();
    let (out, part) = (world.folder.path("out"), world.folder.path("out.part"));
    fs::rename(&out, &part).unwrap();
    world.mock.clear_requests();
    world.finish().unwrap();
    assert_eq!(world.mock.request_count(), 0);
    world.assert_complete();
    // A part that does not have the whole table is not trusted, and neither is a table that was changed.
    fs::rename(&out, &part).unwrap();
    let table = fs::read(&part).unwrap();
    fs::write(&part, &table[1..]).unwrap();
    assert_refused(&world, ErrorKind::Results);
    fs::write(&out, &table[1..]).unwrap();
    assert_refused(&world, ErrorKind::Results);
}

#[track_caller]
fn assert_refused(world: &World, kind: ErrorKind) {
    let out = world.folder.path("out");
    let error = MessageExport::start(&world.client, march(), out).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
}

#[test]
fn job_of_another_process_is_waited_for() {
    let world = World::new("quota", HOUR);
    let other = Folder::new("messages-quota-other", &[""]);
    world.clock.stop_after(3);
    let theirs = MessageExport::start(&world.client, march(), other.path("out")).unwrap();
    kill_when(theirs, |_| world.clock.is_stopped());
    world.clock.stop_after(3);
    let ours = world.export();
    let progress = ours.progress();
    kill_when(ours, |_| world.clock.is_stopped());
    assert_eq!(progress.phase(), MessagePhase::WaitingForOther);
    world.clock.go_on();
    world.finish().unwrap();
    assert_eq!(world.mock.export_count(), 2);
    world.assert_complete();
}

#[test]
fn deadline_ends_the_export_and_the_next_run_waits_for_the_same_job() {
    let world = World::new("deadline", HOUR);
    let minute = Duration::from_secs(60);
    let limited = |world: &World| on_runtime(world.export().deadline(minute).finish());
    assert!(matches!(limited(&world), Err(MessageExportError::Running)));
    let other = Folder::new("messages-deadline-other", &[""]);
    let theirs = MessageExport::start(&world.client, march(), other.path("out")).unwrap();
    match on_runtime(theirs.deadline(minute).finish()) {
        Err(MessageExportError::Call(error)) => assert!(error.is_concurrency_limited()),
        other => panic!("{other:?}"),
    }
    assert!(world.clock.slept() <= 2 * minute);
    world.finish().unwrap();
    assert_eq!(world.mock.export_count(), 1);
}

#[test]
fn start_whose_outcome_is_unknown_is_not_repeated() {
    let world = World::new("unknown", HOUR);
    let lost = Scripted::close_after_work();
    world
        .mock
        .script(Method::POST, "/export/content/data", [lost]);
    match world.finish() {
        Err(MessageExportError::Call(error)) => assert!(error.may_have_been_applied()),
        other => panic!("{other:?}"),
    }
    assert_eq!((world.posts(), world.mock.export_count()), (1, 1));
    // The id of that job is lost, so the next run waits until it has ended.
    world.finish().unwrap();
    assert!(world.clock.slept() >= 2 * HOUR);
    assert_eq!(world.mock.export_count(), 2);
    world.assert_complete();
}

#[test]
fn failed_job_ends_the_export_and_the_next_run_starts_another() {
    for status in ["failed", "canceled"] {
        let world = World::new(status, HOUR);
        world.mock.set_export_ending(status);
        match world.finish() {
            Err(MessageExportError::Ended(name)) => assert_eq!(name, status),
            other => panic!("{other:?}"),
        }
        assert!(!world.folder.path("out").exists());
        world.mock.set_export_ending("completed");
        world.finish().unwrap();
        assert_eq!(world.mock.export_count(), 2);
        world.assert_complete();
    }
}

#[test]
fn job_with_an_unknown_status_is_kept() {
    let world = World::new("status", Duration::ZERO);
    let odd = r#"{"job_identifier":"x","status":"on\nhold"}"#;
    let odd = Scripted::status(200).body(odd);
    world.mock.script(Method::GET, "/export/*", [odd]);
    let error = world.finish().unwrap_err();
    insta::assert_snapshot!(error, @r"the export ended with status on\nhold; start it again");
    world.finish().unwrap();
    assert_eq!(world.mock.export_count(), 1);
}

#[test]
fn job_that_was_deleted_is_replaced() {
    let world = World::new("deleted", HOUR);
    world.clock.stop_after(2);
    kill_when(world.export(), |_| world.clock.is_stopped());
    world.clock.go_on();
    world.mock.advance_clock(100 * HOUR);
    // The error page of a proxy does not say that it was deleted.
    let page = Scripted::status(404).body("<html>Not Found</html>");
    world.mock.script(Method::GET, "/export/*", [page]);
    assert!(matches!(world.finish(), Err(MessageExportError::Call(_))));
    assert_eq!(world.mock.export_count(), 1);
    world.finish().unwrap();
    assert_eq!(world.mock.export_count(), 2);
    world.assert_complete();
}

#[test]
fn period_without_messages_makes_an_empty_file() {
    let world = World::new("no-data", HOUR);
    world.mock.set_export_ending("no_data");
    for _ in 0..2 {
        assert_eq!(world.finish().unwrap(), 0);
        assert_eq!(world.folder.path("out").metadata().unwrap().len(), 0);
    }
    assert_eq!((world.posts(), world.mock.export_count()), (1, 1));
}

#[test]
fn another_period_is_refused_and_an_open_one_keeps_its_end() {
    let world = World::new("period", HOUR);
    let out = world.folder.path("out");
    let start = |period| MessageExport::start(&world.client, period, &out);
    let (begin, now) = (time(1_772_323_200), time(1_772_400_000));
    drop(start(MessagePeriod::until_now(begin, now)).unwrap());
    let error = start(MessagePeriod::until_now(time(1_772_323_201), now)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    assert_refused(&world, ErrorKind::Results);
    let later = MessagePeriod::until_now(begin, time(1_772_500_000));
    on_runtime(start(later).unwrap().finish()).unwrap();
    let sent = world.mock.requests().swap_remove(1);
    let sent: serde_json::Value = serde_json::from_slice(sent.body()).unwrap();
    assert_eq!(sent["created_at_before"], 1_772_400_000);
}

#[test]
fn files_that_are_not_those_of_an_export_of_messages_are_left_alone() {
    let world = World::new("foreign", Duration::ZERO);
    let (out, journal) = (world.folder.path("out"), world.folder.path("out.journal"));
    let refused = |kind: ErrorKind| {
        let before = (fs::read(&out).ok(), fs::read(&journal).ok());
        assert_refused(&world, kind);
        assert_eq!((fs::read(&out).ok(), fs::read(&journal).ok()), before);
    };
    fs::write(&out, "mine\n").unwrap();
    refused(ErrorKind::Results);
    fs::write(&journal, "intercom-export-journal 1\n").unwrap();
    refused(ErrorKind::Journal);
    for line in [
        "what\n",
        "job x\n",
        "workspace x\n",
        "period 1\n",
        "complete much\n",
    ] {
        fs::write(&journal, format!("intercom-messages-journal 1\n{line}")).unwrap();
        refused(ErrorKind::Journal);
    }
    // A table appeared that this export has not written.
    fs::write(
        &journal,
        "intercom-messages-journal 1\nperiod 1772323200 1775001599\njob \"x\"\n",
    )
    .unwrap();
    refused(ErrorKind::Results);
    fs::remove_file(&out).unwrap();
    let in_use = world.export();
    refused(ErrorKind::Locked);
    drop(in_use);
}

#[test]
fn data_that_is_not_a_whole_table_is_refused_and_downloaded_again() {
    let world = World::new("damaged", Duration::ZERO);
    let data = |bytes: &[u8]| Scripted::status(200).body(bytes.to_vec());
    let whole = {
        world.finish().unwrap();
        let last = |name: &str| fs::remove_file(world.folder.path(name)).unwrap();
        last("out");
        last("out.journal");
        let request = http_get(&world.mock, "/download/content/data/orzzsbd7hk00001");
        world.mock.exchange(request).response.unwrap().into_body()
    };
    let mut flipped = whole.to_vec();
    flipped[1_000] ^= 0xff;
    for damaged in [
        &b""[..],
        &whole[..1],
        &whole[..whole.len() - 1],
        &flipped,
        b"<html><title>Sign in</title></html>",
    ] {
        world
            .mock
            .script(Method::GET, "/download/*", [data(damaged)]);
        let error = world.finish().unwrap_err();
        assert!(
            matches!(error, MessageExportError::Damaged(_)),
            "{error} {}",
            damaged.len()
        );
        assert!(!world.folder.path("out").exists());
    }
    world.finish().unwrap();
    world.assert_complete();
}

fn http_get(mock: &MockServer, path: &str) -> http::Request<Bytes> {
    let request =
        http::Request::get(path).header("authorization", format!("Bearer {}", mock.token()));
    let request = request.header("accept", "application/octet-stream");
    request.body(Bytes::new()).unwrap()
}

#[test]
fn data_whose_compression_the_server_declared_is_a_table_too() {
    let world = World::new("declared", Duration::ZERO);
    let plain = Scripted::status(200).body("id,body\n1,Hello\n").gzip();
    world.mock.script(Method::GET, "/download/*", [plain]);
    assert_eq!(world.finish().unwrap(), 16);
    assert_eq!(world.folder.read("out"), "id,body\n1,Hello\n");
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_ends_the_export_with_an_error_that_names_the_file() {
    let world = World::new("full", Duration::ZERO);
    let part = world.folder.path("out.part");
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    match world.finish() {
        Err(MessageExportError::File(error)) => {
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(
                error.to_string().contains("out.part cannot be written"),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
    fs::remove_file(&part).unwrap();
    world.finish().unwrap();
    assert_eq!(world.mock.export_count(), 1);
    world.assert_complete();
}

#[test]
fn nothing_shows_the_id_of_the_job() {
    let world = World::new("debug", HOUR);
    world.clock.stop_after(2);
    kill_when(world.export(), |_| world.clock.is_stopped());
    let shown = format!("{:?}", world.export());
    assert!(!shown.contains("orzz"), "{shown}");
    let journal = world.folder.read("out.journal");
    insta::assert_snapshot!(journal, @r#"
    intercom-messages-journal 1
    period 1772323200 1775001599
    workspace "tx2p130c"
    job "orzzsbd7hk00001"
    "#);
}
