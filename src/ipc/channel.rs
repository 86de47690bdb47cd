//! The parent's end of the socket a child knows as `NODE_CHANNEL_FD`.

use std::cell::RefCell;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use nix::errno::Errno;

use super::control::owns_descriptor;
use super::descriptors::Descriptors;
use super::frame::{self, Batch, FrameReader, Mode, TooLarge};
pub use super::sender::{Outgoing, SMALL, Sender, Taken};
use crate::sys::scm_rights::{self, Passed};

/// Bytes that one readiness of the socket may bring before others get their turn.
const MOST_READ: usize = 1 << 20;

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

/// One end of a channel. It never waits: its owner says when the socket is ready for what
/// [`Channel::wants_read`] and [`Channel::wants_write`] ask for.
#[derive(Debug)]
pub struct Channel {
    reader: FrameReader,
    descriptors: Descriptors,
    sender: Arc<Sender>,
    reading: bool,
    closing: bool,
}

impl Channel {
    /// Takes over a non-blocking stream socket. `limit` is the longest message the peer may send.
    pub fn new(socket: OwnedFd, mode: Mode, limit: usize) -> Self {
        Self {
            reader: FrameReader::new(mode, limit),
            descriptors: Descriptors::default(),
            sender: Arc::new(Sender::new(socket)),
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
        self.sender.number()
    }

    /// The socket, to be waited for.
    pub fn socket(&self) -> BorrowedFd<'_> {
        self.sender.socket()
    }

    /// Whether the owner should wait for the socket to become readable.
    pub fn wants_read(&self) -> bool {
        self.reading
    }

    /// Whether the owner should wait for the socket to become writable.
    pub fn wants_write(&self) -> bool {
        !self.sender.is_idle()
    }

    /// Whether everything is done and the socket can be closed.
    pub fn is_finished(&self) -> bool {
        self.closing && self.sender.is_idle()
    }

    /// Bytes that wait to be sent.
    pub fn queued_bytes(&self) -> usize {
        self.sender.queued_bytes()
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
            match scm_rights::receive(self.sender.socket(), space) {
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

    /// What [`Channel::take_descriptor`] returns next.
    pub fn next_descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.descriptors.next()
    }

    /// The next descriptor that belongs to a message, in their order.
    pub fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.take()
    }

    /// Sends a frame, newline or length included, with a duplicate of `descriptor` beside its first
    /// byte: at once as far as the socket takes it, the rest when it is writable again. After an error
    /// nothing of it has been sent, or the peer is gone.
    pub fn send<F: Outgoing>(
        &mut self,
        frame: F,
        descriptor: Option<BorrowedFd<'_>>,
    ) -> Result<Taken<F>, Errno> {
        self.sender.send(frame, descriptor)
    }

    /// Holds a frame back to leave with others: when the socket is next said to be writable, when
    /// they are enough for a call, or when somebody calls [`Sender::flush_held`].
    pub fn hold<F: Outgoing>(&mut self, frame: F) -> Taken<F> {
        self.sender.hold(frame)
    }

    /// Sends what waits, as far as the socket takes it. To be called when it is writable. Returns
    /// the number of frames that have gone since the last time; after an error nothing waits any
    /// more, and the number of frames lost is beside it.
    pub fn flush(&mut self) -> Result<usize, (Errno, usize)> {
        self.sender.flush()
    }

    /// The number of frames that have gone since the last time without being counted by
    /// [`Channel::flush`].
    pub fn count_gone(&mut self) -> usize {
        self.sender.count_gone()
    }

    /// The sending half, for another thread to flush.
    pub fn sender(&self) -> Arc<Sender> {
        Arc::clone(&self.sender)
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
