//! The sending half of a channel, within reach of two threads.
//!
//! The event loop's thread sends. When it has much to say in one turn it holds small frames back, to
//! let them leave together; another thread sees to it that none stays for long while the first is
//! busy with JavaScript.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;

use super::outbox::{Bytes, Outbox, is_transient};
use crate::sys::fd::duplicate_above;
use crate::sys::scm_rights;

/// Calls that a message may cost while the peer keeps emptying the socket; what is left then waits
/// for its turn.
const MOST_WRITES: usize = 16;

/// Frames up to this size may be held back, and are copied rather than shared: any thread may then
/// send and drop them.
pub const SMALL: usize = 16 << 10;

/// Numbers below are left to the standard streams.
const LEAST_NUMBER: RawFd = 3;

/// A frame to be sent: its bytes, and how they are kept if the socket does not take all of them.
pub trait Outgoing: AsRef<[u8]> {
    /// Makes bytes that stay while they wait.
    fn keep(self) -> Bytes;
}

impl Outgoing for Vec<u8> {
    fn keep(self) -> Bytes {
        Bytes::Owned(self)
    }
}

/// A frame taken over.
#[derive(Debug)]
pub struct Taken<F> {
    /// The frame, if its memory is free again.
    pub free: Option<F>,
    /// 0: it has left, and no [`Sender::flush`] will count it. Else the bytes that wait now; 1 if it
    /// has left and only waits to be counted, behind others.
    pub queued: usize,
}

/// The socket and what it has not taken yet.
#[derive(Debug)]
pub struct Sender {
    socket: OwnedFd,
    outbox: Mutex<Outbox>,
}

impl Sender {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            outbox: Mutex::default(),
        }
    }

    /// The descriptor's number, for people to look at.
    pub(super) fn number(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// The socket, which [`super::channel::Channel`] reads from.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Whether nothing waits, and every frame that has left has been counted by [`Sender::flush`].
    pub(super) fn is_idle(&self) -> bool {
        self.outbox().is_empty()
    }

    /// Bytes that wait to be sent.
    pub(super) fn queued_bytes(&self) -> usize {
        self.outbox().len()
    }

    /// Sends a frame, newline or length included, with a duplicate of `descriptor` beside its first
    /// byte: at once as far as the socket takes it, the rest with a later [`Sender::flush`]. After an
    /// error nothing of it has been sent, or the peer is gone.
    pub(super) fn send<F: Outgoing>(
        &self,
        frame: F,
        descriptor: Option<BorrowedFd<'_>>,
    ) -> Result<Taken<F>, Errno> {
        let mut outbox = self.outbox();
        let mut sent = 0;
        if outbox.is_empty() {
            let bytes = frame.as_ref();
            for _ in 0..MOST_WRITES {
                let with = if sent == 0 { descriptor } else { None };
                match self.write(&bytes[sent..], with) {
                    Ok(taken) => sent += taken,
                    Err(errno) if is_transient(errno) => break,
                    Err(errno) => return Err(errno),
                }
                if sent == bytes.len() {
                    let free = Some(frame);
                    return Ok(Taken { free, queued: 0 });
                }
            }
        }
        let descriptor = match descriptor {
            // A copy, for the caller may close its own before the socket takes it.
            Some(fd) if sent == 0 => Some(duplicate_above(fd, LEAST_NUMBER)?),
            _ => None,
        };
        let only_counting = outbox.has_left() && !outbox.is_empty();
        let free = if sent == 0 && descriptor.is_none() && outbox.join(frame.as_ref()) {
            Some(frame)
        } else {
            outbox.put(frame.keep(), sent, descriptor);
            None
        };
        if only_counting {
            // What is before it has left. An error comes again with the flush that counts.
            let _ = outbox.advance(|bytes, fd| self.write(bytes, fd), |_| true);
        }
        let queued = outbox.len().max(1);
        Ok(Taken { free, queued })
    }

    /// Holds a small frame back until the next flush by either thread, or until there is enough for a
    /// call. A larger one leaves at once, with what is held before it.
    pub(super) fn hold<F: Outgoing>(&self, frame: F) -> Taken<F> {
        let is_small = frame.as_ref().len() <= SMALL;
        let mut outbox = self.outbox();
        let free = if outbox.join(frame.as_ref()) {
            Some(frame)
        } else {
            // What is full leaves. An error comes again with the flush that counts.
            let _ = outbox.advance(|bytes, fd| self.write(bytes, fd), |_| true);
            outbox.put(frame.keep(), 0, None);
            None
        };
        if !is_small {
            let _ = outbox.advance(|bytes, fd| self.write(bytes, fd), |_| true);
        }
        let queued = outbox.len().max(1);
        Taken { free, queued }
    }

    /// Sends what waits, as far as the socket takes it. Returns the number of frames that have gone
    /// since the last time; after an error nothing waits any more, and the number of frames lost is
    /// beside it.
    pub(super) fn flush(&self) -> Result<usize, (Errno, usize)> {
        let mut outbox = self.outbox();
        outbox
            .flush(|bytes, fd| self.write(bytes, fd))
            .map_err(|errno| (errno, outbox.abandon()))
    }

    /// The number of frames that have gone since the last time, by whichever thread.
    pub(super) fn count_gone(&self) -> usize {
        self.outbox().count_gone()
    }

    /// Sends what waits from any thread. It leaves errors, and counting, to the next
    /// [`Sender::flush`].
    pub fn flush_held(&self) {
        let mut outbox = self.outbox();
        let _ = outbox.advance(|bytes, fd| self.write(bytes, fd), Bytes::is_owned);
    }

    fn write(&self, bytes: &[u8], descriptor: Option<BorrowedFd<'_>>) -> Result<usize, Errno> {
        scm_rights::send(self.socket(), bytes, descriptor)
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
