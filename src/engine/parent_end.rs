//! Our end of a child's pipe, as long as no JavaScript stream has it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;

use crate::sys::fd;

/// What one read asks for; the socket buffers of a pair hold about twice as much.
const READ: usize = 64 * 1024;
/// After so many reads the other children have their turn.
const READS: usize = 16;

/// A parent end and what the engine does with it.
#[derive(Debug)]
pub(super) struct ParentEnd(Mutex<State>);

#[derive(Debug)]
enum State {
    /// Nobody reads it yet.
    Idle(OwnedFd),
    /// The engine collects what comes, up to `limit` bytes.
    Collecting {
        fd: OwnedFd,
        data: Vec<u8>,
        limit: u64,
    },
    /// The engine throws away what comes.
    Draining(OwnedFd),
    /// It came to its end, with what had been collected.
    Ended(Vec<u8>),
    /// Somebody else has it, or it was closed.
    Gone,
}

/// What a reading of a parent end came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More may come.
    Pending,
    /// It has come to its end.
    Ended,
    /// More than the limit has come.
    Overflowed,
    /// It is not (or no longer) the engine's to read.
    Unwatched,
}

/// A parent end handed over.
#[derive(Debug, Default)]
pub struct Taken {
    /// The descriptor, non-blocking; `None` when the stream has ended or is gone.
    pub fd: Option<OwnedFd>,
    /// What had been collected of it.
    pub data: Vec<u8>,
}

impl ParentEnd {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Self(Mutex::new(State::Idle(fd)))
    }

    /// Hands the end over. `unwatch` is called first with the descriptor of a watched one.
    pub(super) fn take(&self, unwatch: impl FnOnce(BorrowedFd<'_>)) -> Taken {
        match std::mem::replace(&mut *self.lock(), State::Gone) {
            State::Idle(fd) => Taken {
                fd: Some(fd),
                data: Vec::new(),
            },
            State::Collecting { fd, data, .. } => {
                unwatch(fd.as_fd());
                Taken { fd: Some(fd), data }
            }
            State::Draining(fd) => {
                unwatch(fd.as_fd());
                Taken {
                    fd: Some(fd),
                    data: Vec::new(),
                }
            }
            State::Ended(data) => Taken { fd: None, data },
            State::Gone => Taken::default(),
        }
    }

    /// Lets the engine collect an idle end. `watch` registers it; if that fails it stays idle.
    pub(super) fn collect(
        &self,
        limit: u64,
        watch: impl FnOnce(BorrowedFd<'_>) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut state = self.lock();
        if let State::Idle(fd) = &*state {
            watch(fd.as_fd())?;
            if let State::Idle(fd) = std::mem::replace(&mut *state, State::Gone) {
                *state = State::Collecting {
                    fd,
                    data: Vec::new(),
                    limit,
                };
            }
        }
        Ok(())
    }

    /// Throws away what an idle end still has. When that is not all, `watch` registers it for the
    /// rest; if that fails it is closed.
    pub(super) fn drain(
        &self,
        watch: impl FnOnce(BorrowedFd<'_>) -> Result<(), Errno>,
    ) -> Progress {
        {
            let mut state = self.lock();
            match std::mem::replace(&mut *state, State::Gone) {
                State::Idle(fd) => *state = State::Draining(fd),
                other => {
                    *state = other;
                    return Progress::Unwatched;
                }
            }
        }
        if self.advance() == Progress::Ended {
            return Progress::Ended;
        }
        let mut state = self.lock();
        let State::Draining(fd) = &*state else {
            return Progress::Unwatched;
        };
        if watch(fd.as_fd()).is_err() {
            *state = State::Ended(Vec::new());
            return Progress::Ended;
        }
        Progress::Pending
    }

    /// Reads what is there.
    pub(super) fn advance(&self) -> Progress {
        let mut state = self.lock();
        let progress = match &mut *state {
            State::Collecting { fd, data, limit } => {
                read(fd.as_fd(), data, |data| data.len() as u64 > *limit)
            }
            State::Draining(fd) => {
                let mut discarded = Vec::with_capacity(READ);
                read(fd.as_fd(), &mut discarded, |discarded| {
                    discarded.clear();
                    false
                })
            }
            _ => Progress::Unwatched,
        };
        if progress == Progress::Ended {
            end(&mut state);
        }
        progress
    }

    /// Stops collecting and closes; what was collected stays. Whether there was something to stop.
    pub(super) fn stop_collecting(&self) -> bool {
        let mut state = self.lock();
        let collecting = matches!(&*state, State::Collecting { .. });
        if collecting {
            end(&mut state);
        }
        collecting
    }

    /// What was collected, after the end. Once.
    pub(super) fn collected(&self) -> Vec<u8> {
        match &mut *self.lock() {
            State::Ended(data) => std::mem::take(data),
            _ => Vec::new(),
        }
    }

    /// Whether the engine is reading it.
    pub(super) fn is_watched(&self) -> bool {
        matches!(&*self.lock(), State::Collecting { .. } | State::Draining(_))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the descriptor, which also takes it out of the epoll set.
fn end(state: &mut State) {
    *state = match std::mem::replace(state, State::Gone) {
        State::Collecting { data, .. } => State::Ended(data),
        _ => State::Ended(Vec::new()),
    };
}

fn read(
    fd: BorrowedFd<'_>,
    data: &mut Vec<u8>,
    mut is_too_much: impl FnMut(&mut Vec<u8>) -> bool,
) -> Progress {
    for _ in 0..READS {
        match fd::read_appending(fd, data, READ) {
            Ok(1..) if is_too_much(data) => return Progress::Overflowed,
            Ok(1..) => {}
            Err(Errno::EAGAIN) => return Progress::Pending,
            // An error ends the stream as the end does: nothing more will come.
            Ok(0) | Err(_) => return Progress::Ended,
        }
    }
    Progress::Pending
}
