//! The whole life of a child on the calling thread: `spawnSync` and its family.
//!
//! A `poll(2)` loop over the child's watch and its pipes; neither libuv's loop nor the supervisor is
//! involved.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::child::{self, Child};
use super::command::Command;
use crate::sys::fd;
use crate::sys::launch::Step;
use crate::sys::wait::Exit;

/// What one read asks for.
const READ: usize = 64 * 1024;

/// The limits of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Kill the child after this time.
    pub timeout: Option<Duration>,
    /// Kill the child when its outputs together have more bytes than this.
    pub max_buffer: Option<u64>,
    /// With this signal.
    pub kill_signal: i32,
}

/// What became of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The process number, 0 if nothing was started.
    pub pid: i32,
    /// How it ended; `None` if nothing was started.
    pub exit: Option<Exit>,
    /// What went wrong first: a failed launch, `ETIMEDOUT`, `ENOBUFS`, a pipe that broke.
    pub error: Option<Errno>,
    /// The step of a failed launch.
    pub step: Option<Step>,
    /// What each slot that is an output pipe gave.
    pub outputs: Vec<Option<Vec<u8>>>,
}

/// Runs a child to its end. `input` is what it reads from slot 0, if that is a pipe.
pub fn run(command: &Command, input: &[u8], limits: Limits) -> Outcome {
    let deadline = limits
        .timeout
        .and_then(|timeout| Instant::now().checked_add(timeout));
    let attempt = child::start(command);
    match attempt.child {
        Ok(child) => Run::new(child, attempt.parent_ends, input, limits, deadline).finish(),
        Err(failure) => Outcome {
            error: Some(failure.errno),
            step: Some(failure.step),
            ..Outcome::default()
        },
    }
}

struct Run<'a> {
    child: Child,
    exit: Option<Exit>,
    error: Option<Errno>,
    pipe_error: Option<Errno>,
    input: Option<Input<'a>>,
    outputs: Vec<Option<Output>>,
    limits: Limits,
    deadline: Option<Instant>,
    killed: bool,
}

struct Input<'a> {
    fd: OwnedFd,
    rest: &'a [u8],
}

struct Output {
    fd: Option<OwnedFd>,
    data: Vec<u8>,
}

impl<'a> Run<'a> {
    fn new(
        child: Child,
        parent_ends: Vec<Option<OwnedFd>>,
        input: &'a [u8],
        limits: Limits,
        deadline: Option<Instant>,
    ) -> Self {
        let mut ends = parent_ends.into_iter();
        let stdin = ends.next().flatten().filter(|_| !input.is_empty());
        let output = |fd| Output {
            fd: Some(fd),
            data: Vec::new(),
        };
        Self {
            child,
            exit: None,
            error: None,
            pipe_error: None,
            input: stdin.map(|fd| Input { fd, rest: input }),
            outputs: [None]
                .into_iter()
                .chain(ends.map(|end| end.map(output)))
                .collect(),
            limits,
            deadline,
            killed: false,
        }
    }

    fn finish(mut self) -> Outcome {
        while !self.is_done() {
            let ready = self.wait();
            if ready.child && self.exit.is_none() {
                self.exit = self.child.try_reap();
            }
            if ready.input {
                self.write();
            }
            for slot in ready.outputs {
                self.read(slot);
            }
            if self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
            {
                self.error.get_or_insert(Errno::ETIMEDOUT);
                self.kill();
            }
        }
        Outcome {
            pid: self.child.pid(),
            exit: self.exit,
            error: self.error.or(self.pipe_error),
            step: None,
            outputs: self
                .outputs
                .into_iter()
                .map(|output| output.map(|output| output.data))
                .collect(),
        }
    }

    /// Everything has come to its end: the child, and whatever holds its pipes.
    fn is_done(&self) -> bool {
        self.exit.is_some()
            && self.input.is_none()
            && self
                .outputs
                .iter()
                .flatten()
                .all(|output| output.fd.is_none())
    }

    fn wait(&self) -> Ready {
        self.child
            .with_watch(|watch| self.poll(Some(PollFd::new(watch, PollFlags::POLLIN))))
            .unwrap_or_else(|| self.poll(None))
    }

    fn poll(&self, watch: Option<PollFd<'_>>) -> Ready {
        let input = self.input.as_ref();
        let input = input.map(|input| PollFd::new(input.fd.as_fd(), PollFlags::POLLOUT));
        let (has_watch, has_input) = (watch.is_some(), input.is_some());
        let outputs = self.open_outputs();
        let mut set: Vec<_> = watch
            .into_iter()
            .chain(input)
            .chain(
                outputs
                    .iter()
                    .map(|(_, fd)| PollFd::new(fd.as_fd(), PollFlags::POLLIN)),
            )
            .collect();
        // Interrupted or out of memory: nothing is ready, and the caller comes again.
        let _ = poll(&mut set, self.time_left());
        let mut ready = set.iter().map(|entry| entry.any().unwrap_or(false));
        Ready {
            child: has_watch && ready.next() == Some(true),
            input: has_input && ready.next() == Some(true),
            outputs: outputs
                .iter()
                .zip(ready)
                .filter_map(|((slot, _), ready)| ready.then_some(*slot))
                .collect(),
        }
    }

    fn open_outputs(&self) -> Vec<(usize, &OwnedFd)> {
        let slots = self.outputs.iter().enumerate();
        slots
            .filter_map(|(slot, output)| Some((slot, output.as_ref()?.fd.as_ref()?)))
            .collect()
    }

    /// Rounded up, so that the deadline has passed when the time is up.
    fn time_left(&self) -> PollTimeout {
        let Some(deadline) = self.deadline else {
            return PollTimeout::NONE;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let milliseconds = left.as_micros().div_ceil(1000);
        i32::try_from(milliseconds)
            .ok()
            .and_then(|milliseconds| PollTimeout::try_from(milliseconds).ok())
            .unwrap_or(PollTimeout::MAX)
    }

    fn write(&mut self) {
        let Some(input) = &mut self.input else {
            return;
        };
        match fd::write(input.fd.as_fd(), input.rest) {
            Ok(written) => {
                input.rest = input.rest.get(written..).unwrap_or_default();
                if input.rest.is_empty() {
                    self.input = None;
                }
            }
            Err(Errno::EAGAIN) => {}
            Err(errno) => {
                self.pipe_error.get_or_insert(errno);
                self.input = None;
            }
        }
    }

    fn read(&mut self, slot: usize) {
        let Some(Some(output)) = self.outputs.get_mut(slot) else {
            return;
        };
        let Some(source) = &output.fd else {
            return;
        };
        match fd::read_appending(source.as_fd(), &mut output.data, READ) {
            Ok(0) => output.fd = None,
            Ok(_) | Err(Errno::EAGAIN) => {}
            Err(errno) => {
                output.fd = None;
                self.pipe_error.get_or_insert(errno);
            }
        }
        let total: u64 = self
            .outputs
            .iter()
            .flatten()
            .map(|output| output.data.len() as u64)
            .sum();
        if self.limits.max_buffer.is_some_and(|most| total > most) {
            self.error.get_or_insert(Errno::ENOBUFS);
            self.kill();
        }
    }

    /// Kills the child, and waits no longer for its pipes, which a grandchild may hold.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.killed, true) {
            return;
        }
        if self.exit.is_none()
            && let Err(errno) = self.child.kill(self.limits.kill_signal)
            && errno != Errno::ESRCH
        {
            self.error.get_or_insert(errno);
            let _ = self.child.kill(libc::SIGKILL);
        }
        self.input = None;
        self.outputs
            .iter_mut()
            .flatten()
            .for_each(|output| output.fd = None);
        self.deadline = None;
    }
}

struct Ready {
    child: bool,
    input: bool,
    outputs: Vec<usize>,
}
