//! The parent's end of the socket a child knows as `NODE_CHANNEL_FD`.

use std::cell::RefCell;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;

use super::control::owns_descriptor;
use super::descriptors::Descriptors;
use super::frame::{self, Batch, FrameReader, Mode, TooLarge};
use super::outbox::{Bytes, Outbox, is_transient};
use crate::sys::fd::duplicate_above;
use crate::sys::scm_rights::{self, Passed};

/// Bytes that one readiness of the socket may bring before others get their turn.
const MOST_READ: usize = 1 << 20;

/// Calls that a message may cost while the peer keeps emptying the socket; what is left then waits
/// for its turn.
const MOST_WRITES: usize = 16;

/// Numbers below are left to the standard streams.
const LEAST_NUMBER: RawFd = 3;

thread_local! {
    /// The buffer that channels read into while they hold no partial message of their own.
    static POOL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Why nothing more will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The peer has closed its end, or is gone.
    Closed,
    /// Reading failed.
    Failed(Errno),
    /// A message passed the limit.
    TooLarge(TooLarge),
}

/// What one readiness brought: first the messages, then perhaps the end.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Complete messages.
    pub batch: Option<Batch>,
    /// Indices of the messages in the batch that own a descriptor; [`Channel::take_descriptor`]
    /// returns these in the same order.
    pub with_descriptor: Vec<u32>,
    /// Nothing more will be read.
    pub ending: Option<Ending>,
}

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

/// One end of a channel. It never waits: its owner says when the socket is ready for what
/// [`Channel::wants_read`] and [`Channel::wants_write`] ask for.
#[derive(Debug)]
pub struct Channel {
    socket: OwnedFd,
    reader: FrameReader,
    descriptors: Descriptors,
    outbox: Outbox,
    reading: bool,
    closing: bool,
}

impl Channel {
    /// Takes over a non-blocking stream socket. `limit` is the longest message the peer may send.
    pub fn new(socket: OwnedFd, mode: Mode, limit: usize) -> Self {
        Self {
            socket,
            reader: FrameReader::new(mode, limit),
            descriptors: Descriptors::default(),
            outbox: Outbox::default(),
            reading: true,
            closing: false,
        }
    }

    /// How messages are laid out.
    pub fn mode(&self) -> Mode {
        self.reader.mode()
    }

    /// The descriptor's number, for people to look at.
    pub fn number(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// The socket, to be waited for.
    pub fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Whether the owner should wait for the socket to become readable.
    pub fn wants_read(&self) -> bool {
        self.reading
    }

    /// Whether the owner should wait for the socket to become writable.
    pub fn wants_write(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Whether everything is done and the socket can be closed.
    pub fn is_finished(&self) -> bool {
        self.closing && self.outbox.is_empty()
    }

    /// Bytes that wait to be sent.
    pub fn queued_bytes(&self) -> usize {
        self.outbox.len()
    }

    /// Reads what is there, up to about a megabyte, and cuts the messages in it. To be called when
    /// the socket is readable; the rest makes it readable again.
    pub fn receive(&mut self) -> Incoming {
        if !self.reading {
            return Incoming::default();
        }
        POOL.with_borrow_mut(|pool| {
            let ending = self.fill(pool);
            let cut = self.reader.cut().err().map(Ending::TooLarge);
            let batch = self.reader.take(pool);
            let with_descriptor = batch
                .as_ref()
                .map(|batch| self.match_descriptors(batch))
                .unwrap_or_default();
            let ending = cut.or(ending);
            if ending.is_some() {
                self.reading = false;
            }
            Incoming {
                batch,
                with_descriptor,
                ending,
            }
        })
    }

    fn fill(&mut self, pool: &mut Vec<u8>) -> Option<Ending> {
        let mut read = 0;
        while read < MOST_READ {
            let position = self.reader.position();
            let space = self.reader.space(pool);
            let room = space.capacity() - space.len();
            match scm_rights::receive(self.socket.as_fd(), space) {
                // A peer that went away with our messages unread.
                Ok((0, _)) | Err(Errno::ECONNRESET) => return Some(Ending::Closed),
                Ok((length, passed)) => {
                    let bytes = position..position + length as u64;
                    read += length;
                    match passed {
                        // The socket had no more: no need to ask it again.
                        Passed::Nothing if length < room => break,
                        Passed::Nothing => {}
                        Passed::Lost => self.descriptors.arrived(bytes, None),
                        Passed::Descriptor(fd) => self.descriptors.arrived(bytes, Some(fd)),
                    }
                    if self.descriptors.is_full() {
                        break;
                    }
                }
                Err(Errno::EAGAIN) => break,
                Err(errno) => return Some(Ending::Failed(errno)),
            }
        }
        None
    }

    /// Nearly always there is no descriptor, and this costs nothing.
    fn match_descriptors(&mut self, batch: &Batch) -> Vec<u32> {
        let mut owners = Vec::new();
        if self.descriptors.is_waiting() {
            let mode = self.mode();
            for (index, (position, message)) in batch.positions().enumerate() {
                if self
                    .descriptors
                    .message(position, || owns_descriptor(mode, message))
                {
                    owners.push(index as u32);
                }
            }
            // The batch has been taken, so the reader begins where the next message does.
            self.descriptors.close_before(self.reader.next_message());
        }
        owners
    }

    /// Gives the buffer of a batch back for the next read.
    pub fn recycle(batch: Batch) {
        POOL.with_borrow_mut(|pool| frame::recycle(batch.into_bytes(), pool));
    }

    /// The next descriptor that belongs to a message, in their order.
    pub fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.take()
    }

    /// Sends a frame, newline or length included, with a duplicate of `descriptor` beside its first
    /// byte: at once as far as the socket takes it, the rest when it is writable again. Returns the
    /// frame if all of it has gone, so that its memory can be used again. After an error nothing of
    /// it has been sent, or the peer is gone.
    pub fn send<F: Outgoing>(
        &mut self,
        frame: F,
        descriptor: Option<BorrowedFd<'_>>,
    ) -> Result<Option<F>, Errno> {
        let mut sent = 0;
        if self.outbox.is_empty() {
            let bytes = frame.as_ref();
            for _ in 0..MOST_WRITES {
                let with = if sent == 0 { descriptor } else { None };
                match scm_rights::send(self.socket.as_fd(), &bytes[sent..], with) {
                    Ok(taken) => sent += taken,
                    Err(errno) if is_transient(errno) => break,
                    Err(errno) => return Err(errno),
                }
                if sent == bytes.len() {
                    return Ok(Some(frame));
                }
            }
        }
        let descriptor = match descriptor {
            // A copy, for the caller may close its own before the socket takes it.
            Some(fd) if sent == 0 => Some(duplicate_above(fd, LEAST_NUMBER)?),
            _ => None,
        };
        self.outbox.put(frame.keep(), sent, descriptor);
        Ok(None)
    }

    /// Sends what waits, as far as the socket takes it. To be called when it is writable. Returns
    /// the number of frames that have now gone; after an error nothing waits any more, and the
    /// number of frames lost is beside it.
    pub fn flush(&mut self) -> Result<usize, (Errno, usize)> {
        let Self { outbox, socket, .. } = self;
        outbox
            .flush(|bytes, descriptor| scm_rights::send(socket.as_fd(), bytes, descriptor))
            .map_err(|errno| (errno, outbox.abandon()))
    }

    /// Stops reading at once, and closes the descriptors that nobody took. What is queued still
    /// leaves; after that [`Channel::is_finished`].
    pub fn close(&mut self) {
        self.reading = false;
        self.descriptors.clear();
        self.closing = true;
    }
}

#[cfg(test)]
mod tests;
