//! A child with the parent ends of its pipes, and what is to happen to it.

use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use super::child::{self, Child};
use super::command::Command;
use super::event::{Event, EventKind, Sink};
use super::parent_end::{ParentEnd, Progress};
use super::supervisor::{Supervisor, Token, Watched};
use crate::sys::launch::{Failure, Step};

/// A fresh number for a process, never used twice. 0 is none.
pub fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A supervised process.
pub struct Process {
    id: u64,
    child: Option<Child>,
    ends: Vec<Option<ParentEnd>>,
    sink: Arc<dyn Sink>,
    supervisor: Arc<Supervisor>,
    /// What to send when a collected stream passes its limit.
    overflow_signal: AtomicI32,
    told: Mutex<Told>,
}

/// What has been told, and what waits for the exit.
#[derive(Debug, Default)]
struct Told {
    exited: bool,
    ended_streams: Vec<usize>,
    deadline: Option<(Instant, i32)>,
}

/// The outcome of a spawn. The process is there also when nothing could be executed: its parent ends
/// then are at their end.
#[derive(Debug)]
pub struct Spawned {
    /// The process, or what is left of the attempt.
    pub process: Arc<Process>,
    /// Why nothing runs.
    pub failure: Option<Failure>,
}

impl Process {
    /// Starts and supervises a child; its events go to `sink` under `id`.
    pub fn spawn(id: u64, command: &Command, sink: Arc<dyn Sink>) -> Result<Spawned, Failure> {
        let supervisor = Supervisor::get().map_err(|errno| Step::Supervise.failed(errno))?;
        let attempt = child::start(command);
        let (child, failure) = match attempt.child {
            Ok(child) => (Some(child), None),
            Err(failure) => (None, Some(failure)),
        };
        let ends = attempt.parent_ends.into_iter();
        let process = Arc::new(Self {
            id,
            child,
            ends: ends.map(|end| end.map(ParentEnd::new)).collect(),
            sink,
            supervisor: Arc::clone(&supervisor),
            overflow_signal: AtomicI32::new(0),
            told: Mutex::new(Told {
                // What never ran has no exit to wait for.
                exited: failure.is_some(),
                ..Told::default()
            }),
        });
        if failure.is_none() {
            // On failure the last reference goes, and with it the child.
            supervisor
                .adopt(&process)
                .map_err(|errno| Step::Supervise.failed(errno))?;
        }
        Ok(Spawned { process, failure })
    }

    /// The number under which its events come.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The process number, or 0 when nothing runs.
    pub fn pid(&self) -> i32 {
        self.child.as_ref().map_or(0, Child::pid)
    }

    pub(super) fn child(&self) -> Option<&Child> {
        self.child.as_ref()
    }

    /// Sends a signal; `ESRCH` once it is reaped.
    pub fn kill(&self, signal: i32) -> Result<(), Errno> {
        self.child
            .as_ref()
            .map_or(Err(Errno::ESRCH), |child| child.kill(signal))
    }

    /// Has the process killed after `delay`, whatever JavaScript is doing then.
    pub fn set_deadline(self: &Arc<Self>, delay: Duration, signal: i32) {
        let Some(at) = Instant::now().checked_add(delay) else {
            return;
        };
        let mut told = self.told();
        if !told.exited {
            told.deadline = Some((at, signal));
            self.supervisor.add_deadline(at, self.id);
        }
    }

    /// Stops reading a stream; returns what had been collected of it.
    pub fn release_stream(&self, stream: usize) -> Vec<u8> {
        self.end(stream).map_or_else(Vec::new, ParentEnd::release)
    }

    /// Hands over the parent end of a stream, non-blocking; `None` when it has ended or is gone.
    pub fn take_stream(&self, stream: usize) -> Option<OwnedFd> {
        self.end(stream).and_then(ParentEnd::take)
    }

    /// Lets the engine collect a stream up to `limit` bytes; beyond them it stops collecting and
    /// sends `signal`.
    pub fn collect(self: &Arc<Self>, stream: usize, limit: u64, signal: i32) -> Result<(), Errno> {
        let Some(end) = self.end(stream) else {
            return Ok(());
        };
        self.overflow_signal.store(signal, Ordering::Relaxed);
        let token = Token::stream(self.id, stream);
        end.collect(limit, |fd| Watched::new(&self.supervisor, fd, token))?;
        self.supervisor.register(self);
        Ok(())
    }

    /// What was collected of a stream that has ended. Once.
    pub fn collected(&self, stream: usize) -> Vec<u8> {
        self.end(stream).map_or_else(Vec::new, ParentEnd::collected)
    }

    /// The process is gone, and nobody has taken the ends that are idle: closes that of stdin, and
    /// throws away what the others still bring. Each of these with whether it is at its end; of the
    /// rest `StreamEnd` will tell.
    pub fn drain(self: &Arc<Self>) -> Vec<(usize, bool)> {
        let mut drained = Vec::new();
        for (stream, end) in self.ends.iter().enumerate() {
            let Some(end) = end else { continue };
            if stream == 0 {
                drop(end.take());
                continue;
            }
            let token = Token::stream(self.id, stream);
            match end.drain(|fd| Watched::new(&self.supervisor, fd, token)) {
                Progress::Unwatched => {}
                progress => drained.push((stream, progress == Progress::Ended)),
            }
        }
        self.supervisor.register(self);
        drained
    }

    /// Whether its events go to this sink.
    pub(super) fn reports_to(&self, sink: &Arc<dyn Sink>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.sink), Arc::as_ptr(sink))
    }

    /// Nobody is there any more to use its streams or to set it limits; it is reaped all the same.
    pub(super) fn orphan(&self) {
        if let Some((at, _)) = self.told().deadline.take() {
            self.supervisor.remove_deadline(at, self.id);
        }
        for stream in 0..self.ends.len() {
            drop(self.take_stream(stream));
        }
    }

    /// Whether the engine still has something to notice.
    pub(super) fn is_watched(&self) -> bool {
        !self.told().exited || self.ends.iter().flatten().any(ParentEnd::is_watched)
    }

    /// The watch is ready: reaps the child if it has ended. `false` when it has not.
    pub(super) fn on_exit_ready(self: &Arc<Self>) -> bool {
        // What it wrote is there by now, and comes first: a child killed for writing too much was
        // killed before it ended, and ends told together with the exit are one wake-up.
        for stream in 0..self.ends.len() {
            self.on_stream_ready(stream);
        }
        let Some(exit) = self.child.as_ref().and_then(Child::try_reap) else {
            return self.told().exited;
        };
        let mut told = self.told();
        told.exited = true;
        if let Some((at, _)) = told.deadline.take() {
            self.supervisor.remove_deadline(at, self.id);
        }
        let streams = std::mem::take(&mut told.ended_streams);
        drop(told);
        let ends = streams
            .into_iter()
            .map(|stream| EventKind::StreamEnd { stream });
        self.tell([EventKind::Exit(exit)].into_iter().chain(ends));
        true
    }

    /// A watched stream is ready.
    pub(super) fn on_stream_ready(self: &Arc<Self>, stream: usize) {
        if self.advance_stream(stream) == Progress::Ended {
            self.stream_ended(stream);
        }
    }

    /// A moment has come: if it is the deadline, kills. `false` when it is not.
    pub(super) fn on_deadline(self: &Arc<Self>, at: Instant) -> bool {
        let mut told = self.told();
        let Some((_, signal)) = told.deadline.take_if(|(set, _)| *set == at) else {
            return false;
        };
        drop(told);
        let kill = self.kill(signal);
        // Whoever limits the time wants an answer then, also when a grandchild keeps the pipes.
        self.stop_collecting();
        self.tell([EventKind::Deadline(kill)].into_iter());
        true
    }

    /// Supervision is over.
    pub(super) fn on_lost(self: &Arc<Self>, errno: Errno) {
        let mut told = self.told();
        if std::mem::replace(&mut told.exited, true) {
            return;
        }
        drop(told);
        self.tell([EventKind::Lost(errno)].into_iter());
    }

    fn advance_stream(self: &Arc<Self>, stream: usize) -> Progress {
        let progress = self
            .end(stream)
            .map_or(Progress::Unwatched, ParentEnd::advance);
        if progress == Progress::Overflowed {
            let kill = self.kill(self.overflow_signal.load(Ordering::Relaxed));
            self.tell([EventKind::Overflow { stream, kill }].into_iter());
            self.stop_collecting();
        }
        progress
    }

    fn stop_collecting(self: &Arc<Self>) {
        for (stream, end) in self.ends.iter().enumerate() {
            if end.as_ref().is_some_and(ParentEnd::stop_collecting) {
                self.stream_ended(stream);
            }
        }
    }

    /// A stream has come to its end: told now, or together with the exit.
    pub fn stream_ended(self: &Arc<Self>, stream: usize) {
        let mut told = self.told();
        if told.exited {
            drop(told);
            self.tell([EventKind::StreamEnd { stream }].into_iter());
        } else {
            told.ended_streams.push(stream);
        }
    }

    fn tell(self: &Arc<Self>, kinds: impl Iterator<Item = EventKind>) {
        self.sink.deliver(&mut kinds.map(|kind| Event {
            process: Arc::clone(self),
            kind,
        }));
    }

    fn end(&self, stream: usize) -> Option<&ParentEnd> {
        self.ends.get(stream)?.as_ref()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Process")
            .field("id", &self.id)
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}
