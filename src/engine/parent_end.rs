//! Our end of a child's pipe, as long as no JavaScript stream has it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;

use super::supervisor::Watched;
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
        fd: Watched,
        data: Vec<u8>,
        limit: u64,
    },
    /// The engine throws away what comes.
    Draining(Watched),
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

impl ParentEnd {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Self(Mutex::new(State::Idle(fd)))
    }

    /// The engine reads it no more; returns what had been collected.
    pub(super) fn release(&self) -> Vec<u8> {
        let mut state = self.lock();
        let (next, data) = match std::mem::replace(&mut *state, State::Gone) {
            State::Collecting { fd, data, .. } => (State::Idle(fd.release()), data),
            State::Draining(fd) => (State::Idle(fd.release()), Vec::new()),
            State::Ended(data) => (State::Gone, data),
            other => (other, Vec::new()),
        };
        *state = next;
        data
    }

    /// Hands the end over; `None` when the stream has ended or is gone.
    pub(super) fn take(&self) -> Option<OwnedFd> {
        match std::mem::replace(&mut *self.lock(), State::Gone) {
            State::Idle(fd) => Some(fd),
            State::Collecting { fd, .. } | State::Draining(fd) => Some(fd.release()),
            State::Ended(_) | State::Gone => None,
        }
    }

    /// Lets the engine collect an idle end. If `watch` fails it stays idle.
    pub(super) fn collect(
        &self,
        limit: u64,
        watch: impl FnOnce(OwnedFd) -> Result<Watched, (OwnedFd, Errno)>,
    ) -> Result<(), Errno> {
        let mut state = self.lock();
        let idle = match std::mem::replace(&mut *state, State::Gone) {
            State::Idle(fd) => fd,
            other => {
                *state = other;
                return Ok(());
            }
        };
        let (next, result) = match watch(idle) {
            Ok(fd) => {
                let data = Vec::new();
                (State::Collecting { fd, data, limit }, Ok(()))
            }
            Err((fd, errno)) => (State::Idle(fd), Err(errno)),
        };
        *state = next;
        result
    }

    /// Throws away what an idle end still has. When that is not all, it is watched for the rest; if
    /// that fails it is closed.
    pub(super) fn drain(
        &self,
        watch: impl FnOnce(OwnedFd) -> Result<Watched, (OwnedFd, Errno)>,
    ) -> Progress {
        let mut state = self.lock();
        let idle = match std::mem::replace(&mut *state, State::Gone) {
            State::Idle(fd) => fd,
            other => {
                *state = other;
                return Progress::Unwatched;
            }
        };
        if discard(idle.as_fd()) == Progress::Pending
            && let Ok(fd) = watch(idle)
        {
            *state = State::Draining(fd);
            return Progress::Pending;
        }
        *state = State::Ended(Vec::new());
        Progress::Ended
    }

    /// Reads what is there.
    pub(super) fn advance(&self) -> Progress {
        let mut state = self.lock();
        let progress = match &mut *state {
            State::Collecting { fd, data, limit } => {
                read(fd.as_fd(), data, |data| data.len() as u64 > *limit)
            }
            State::Draining(fd) => discard(fd.as_fd()),
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

impl Drop for ParentEnd {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// Closes the descriptor; what was collected stays.
fn end(state: &mut State) {
    let data = match std::mem::replace(state, State::Gone) {
        State::Collecting { fd, data, .. } => {
            drop(fd.release());
            data
        }
        State::Draining(fd) => {
            drop(fd.release());
            Vec::new()
        }
        _ => Vec::new(),
    };
    *state = State::Ended(data);
}

fn discard(fd: BorrowedFd<'_>) -> Progress {
    let mut discarded = Vec::with_capacity(READ);
    read(fd, &mut discarded, |discarded| {
        discarded.clear();
        false
    })
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
