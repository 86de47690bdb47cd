use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use super::command::{self, Command, Slot};
use super::event::{Event, EventKind, Sink};
use super::process::{self, Process};
use super::run_sync::{self, Limits};
use super::supervisor::Supervisor;
use super::{Exit, Step};
use crate::sys::environ::CStrings;
use crate::sys::fd;

/// Far longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const TERM: i32 = libc::SIGTERM;
/// Standard output passed its limit, and the child was sent its signal.
const OVERFLOWED: EventKind = EventKind::Overflow {
    stream: 1,
    kill: Ok(()),
};

#[derive(Default)]
struct Mailbox {
    kinds: Mutex<VecDeque<EventKind>>,
    arrived: Condvar,
}

impl Sink for Mailbox {
    fn deliver(&self, events: &mut dyn Iterator<Item = Event>) {
        let mut kinds = self.kinds.lock().expect("a whole mailbox");
        kinds.extend(events.map(|event| event.kind));
        self.arrived.notify_all();
    }
}

impl Mailbox {
    fn next(&self) -> EventKind {
        let kinds = self.kinds.lock().expect("a whole mailbox");
        let (mut kinds, timeout) = self
            .arrived
            .wait_timeout_while(kinds, PATIENCE, |kinds| kinds.is_empty())
            .expect("a whole mailbox");
        assert!(!timeout.timed_out(), "no event came");
        kinds.pop_front().expect("an event")
    }

    fn is_empty(&self) -> bool {
        self.kinds.lock().expect("a whole mailbox").is_empty()
    }
}

/// Waits for the ends of the streams that were not at their end when they were drained: a child that
/// another test is starting may hold a copy of the other end until its exec.
fn await_ends(drained: &[(usize, bool)], mailbox: &Mailbox) {
    assert_eq!(
        drained
            .iter()
            .map(|(stream, _)| *stream)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    let mut pending: Vec<_> = drained.iter().filter(|(_, ended)| !ended).collect();
    while !pending.is_empty() {
        let kind = mailbox.next();
        let before = pending.len();
        pending.retain(|(stream, _)| kind != EventKind::StreamEnd { stream: *stream });
        assert_eq!(pending.len(), before - 1, "{kind:?}");
    }
    assert!(mailbox.is_empty());
}

fn shell(script: &str) -> Command {
    let mut argv = CStrings::default();
    ["sh", "-c", script]
        .iter()
        .for_each(|item| argv.push(item.as_bytes()));
    Command {
        file: b"sh".to_vec(),
        argv,
        envp: command::environment(None, None),
        cwd: None,
        stdio: vec![Slot::Pipe; 3],
        detached: false,
        uid: None,
        gid: None,
    }
}

fn spawn(script: &str) -> (Arc<Process>, Arc<Mailbox>) {
    let mailbox = Arc::new(Mailbox::default());
    let spawned = Process::spawn(
        process::next_id(),
        &shell(script),
        Arc::<Mailbox>::clone(&mailbox),
    )
    .expect("pipes and a supervisor");
    assert_eq!(spawned.failure, None);
    (spawned.process, mailbox)
}

#[test]
fn an_exit_is_told_once_with_its_code_or_signal() {
    let (_process, mailbox) = spawn("exit 7");
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Code(7)));

    let (process, mailbox) = spawn("exec sleep 1000");
    process.kill(libc::SIGKILL).expect("it runs");
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Signal(libc::SIGKILL)));
    assert_eq!(process.kill(TERM), Err(Errno::ESRCH));
    assert!(mailbox.is_empty());
}

#[test]
fn collected_streams_are_told_with_the_exit() {
    let (process, mailbox) = spawn("echo out; echo error >&2; head -c 300000 /dev/zero");
    for stream in [1, 2] {
        process
            .collect(stream, u64::MAX, TERM)
            .expect("room in the epoll set");
    }
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Code(0)));
    let mut ends = [mailbox.next(), mailbox.next()].map(|kind| match kind {
        EventKind::StreamEnd { stream } => stream,
        other => panic!("{other:?} instead of the end of a stream"),
    });
    ends.sort_unstable();
    assert_eq!(ends, [1, 2]);
    assert_eq!(process.collected(1).len(), 4 + 300_000);
    assert_eq!(process.collected(2), b"error\n");
    assert!(process.collected(2).is_empty(), "once");
}

#[test]
fn a_stream_taken_while_collected_loses_nothing() {
    let (process, mailbox) = spawn("echo first; read line; echo second");
    process
        .collect(1, u64::MAX, TERM)
        .expect("room in the epoll set");
    let stdin = process.take_stream(0).expect("an open stream");
    let started = Instant::now();
    let mut data = process.release_stream(1);
    let rest = process.take_stream(1).expect("an open stream");
    fd::write(stdin.as_fd(), b"go\n").expect("a reader");
    drop(stdin);
    while started.elapsed() < PATIENCE {
        match fd::read_appending(rest.as_fd(), &mut data, 64) {
            Ok(0) => break,
            Ok(_) | Err(Errno::EAGAIN) => {}
            Err(errno) => panic!("{errno}"),
        }
    }
    assert_eq!(data, b"first\nsecond\n");
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Code(0)));
}

#[test]
fn a_stream_over_its_limit_kills_and_keeps_what_came() {
    let (process, mailbox) = spawn("head -c 100000 /dev/zero; exec sleep 1000");
    process.collect(1, 10, TERM).expect("room in the epoll set");
    assert_eq!(mailbox.next(), OVERFLOWED);
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Signal(TERM)));
    assert_eq!(mailbox.next(), EventKind::StreamEnd { stream: 1 });
    assert!(process.collected(1).len() > 10);
}

#[test]
fn a_child_that_ends_by_itself_while_over_its_limit_is_told_in_that_order() {
    for _ in 0..20 {
        let (process, mailbox) = spawn("head -c 1000 /dev/zero");
        process.collect(1, 10, TERM).expect("room in the epoll set");
        assert_eq!(mailbox.next(), OVERFLOWED);
        assert!(matches!(mailbox.next(), EventKind::Exit(_)));
    }
}

#[test]
fn a_deadline_kills_and_does_not_wait_for_a_grandchild() {
    // The grandchild holds the pipe; it goes when its own stdin ends with this test's end of it.
    let (process, mailbox) = spawn("exec 3<&0; cat <&3 & exec sleep 1000");
    process
        .collect(1, u64::MAX, TERM)
        .expect("room in the epoll set");
    process.set_deadline(Duration::from_millis(20), TERM);
    assert_eq!(mailbox.next(), EventKind::Deadline(Ok(())));
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Signal(TERM)));
    assert_eq!(mailbox.next(), EventKind::StreamEnd { stream: 1 });
}

#[test]
fn a_drained_stream_ends_when_its_last_holder_goes() {
    let (process, mailbox) = spawn("exec 3<&0; cat <&3 >/dev/null & echo dropped");
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Code(0)));
    let input = process.take_stream(0);
    let drained = process.drain();
    assert!(drained.contains(&(2, false)), "cat still has it");
    drop(input);
    await_ends(&drained, &mailbox);
    assert!(process.take_stream(2).is_none());
}

#[test]
fn draining_closes_an_input_that_nobody_has_taken() {
    let (process, mailbox) = spawn("exec 3<&0; cat <&3 2>/dev/null &");
    assert_eq!(mailbox.next(), EventKind::Exit(Exit::Code(0)));
    // cat may be faster.
    await_ends(&process.drain(), &mailbox);
}

#[test]
fn a_status_taken_by_somebody_else_still_gives_one_exit() {
    let (process, mailbox) = spawn("exit 3");
    let mut status = 0;
    // Either side may come first; the other finds ECHILD.
    // SAFETY: `status` is writable, and the pid is a child of this process.
    #[expect(unsafe_code, reason = "plays the foreign reaper")]
    let stolen = unsafe { libc::waitpid(process.pid(), &raw mut status, 0) };
    let expected = match mailbox.next() {
        EventKind::Exit(exit) => exit,
        other => panic!("{other:?} instead of an exit"),
    };
    assert!(
        matches!(expected, Exit::Code(3) | Exit::Unknown),
        "{expected:?}"
    );
    if stolen == -1 {
        assert_eq!(expected, Exit::Code(3));
    }
    assert!(mailbox.is_empty());
}

#[test]
fn every_one_of_many_exits_arrives() {
    let mailbox = Arc::new(Mailbox::default());
    let children: Vec<_> = (0..200)
        .map(|code: i32| {
            let command = shell(&format!("exit {}", code % 100));
            Process::spawn(
                process::next_id(),
                &command,
                Arc::<Mailbox>::clone(&mailbox),
            )
            .expect("a child")
        })
        .collect();
    let mut codes: Vec<_> = children
        .iter()
        .map(|_| match mailbox.next() {
            EventKind::Exit(Exit::Code(code)) => code,
            other => panic!("{other:?} instead of an exit"),
        })
        .collect();
    codes.sort_unstable();
    let mut expected: Vec<_> = (0..200).map(|code| code % 100).collect();
    expected.sort_unstable();
    assert_eq!(codes, expected);
}

#[test]
fn a_program_that_is_not_there_leaves_streams_at_their_end() {
    let mut command = shell("");
    command.file = b"there-is-no-such-program".to_vec();
    let mailbox = Arc::new(Mailbox::default());
    let spawned = Process::spawn(
        process::next_id(),
        &command,
        Arc::<Mailbox>::clone(&mailbox),
    )
    .expect("pipes");
    assert_eq!(spawned.failure, Some(Step::Exec.failed(Errno::ENOENT)));
    assert_eq!(spawned.process.pid(), 0);
    await_ends(&spawned.process.drain(), &mailbox);
}

#[test]
fn a_user_who_goes_closes_the_streams_of_its_children_only() {
    let (staying, stayed) = spawn("cat");
    let (_leaving, left) = spawn("exec cat");
    Supervisor::orphan(&(left.clone() as Arc<dyn Sink>));
    // Its input has ended, and so does it.
    assert_eq!(left.next(), EventKind::Exit(Exit::Code(0)));
    assert!(stayed.is_empty());
    drop(staying.take_stream(0));
    assert_eq!(stayed.next(), EventKind::Exit(Exit::Code(0)));
}

fn limits() -> Limits {
    Limits {
        timeout: None,
        max_buffer: None,
        kill_signal: TERM,
    }
}

#[test]
fn a_synchronous_run_feeds_and_reads_at_once() {
    let input = vec![b'x'; 3_000_000];
    let outcome = run_sync::run(&shell("cat; echo done >&2; exit 5"), &input, limits());
    assert_eq!(outcome.exit, Some(Exit::Code(5)));
    assert_eq!(outcome.error, None);
    let outputs: Vec<_> = outcome.outputs.into_iter().flatten().collect();
    assert_eq!(outputs, [input, b"done\n".to_vec()]);
}

#[test]
fn a_synchronous_run_keeps_its_limits() {
    let late = run_sync::run(
        &shell("sleep 3 & exec sleep 1000"),
        b"",
        Limits {
            timeout: Some(Duration::from_millis(20)),
            ..limits()
        },
    );
    assert_eq!(late.error, Some(Errno::ETIMEDOUT));
    assert_eq!(late.exit, Some(Exit::Signal(TERM)));

    let large = run_sync::run(
        &shell("exec cat /dev/zero"),
        b"",
        Limits {
            max_buffer: Some(100),
            ..limits()
        },
    );
    assert_eq!(large.error, Some(Errno::ENOBUFS));
    assert_eq!(large.exit, Some(Exit::Signal(TERM)));

    let broken = run_sync::run(&shell("exec <&-; exit 0"), &vec![0; 3_000_000], limits());
    assert_eq!(broken.error, Some(Errno::EPIPE));
    assert_eq!(broken.exit, Some(Exit::Code(0)));
}
