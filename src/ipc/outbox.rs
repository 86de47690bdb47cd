//! What the socket has not taken yet, or not been offered.

use std::collections::VecDeque;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;

/// Small frames without a descriptor are joined up to this size, to leave in one call.
pub(super) const JOINED: usize = 64 << 10;

/// Calls that one readiness of the socket may cost before others get their turn.
const MOST_WRITES: usize = 16;

/// The bytes of a frame that waits, by whom they are owned.
pub enum Bytes {
    /// The channel.
    Owned(Vec<u8>),
    /// Somebody else, who keeps them unchanged until this is dropped.
    Shared(Box<dyn AsRef<[u8]> + Send>),
}

impl Bytes {
    /// Whether any thread may drop them.
    pub fn is_owned(&self) -> bool {
        matches!(self, Self::Owned(_))
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => (**bytes).as_ref(),
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.as_ref().len())
    }
}

/// One or more frames that leave together.
#[derive(Debug)]
struct Parcel {
    bytes: Bytes,
    sent: usize,
    /// Goes with the first byte; `None` once it has gone.
    descriptor: Option<OwnedFd>,
    /// Whether more frames may be joined to it.
    open: bool,
}

/// Frames in the order they were sent, the first perhaps partly gone.
#[derive(Debug, Default)]
pub struct Outbox {
    parcels: VecDeque<Parcel>,
    /// Where each frame ends, in bytes put into the outbox since the beginning, until `flush` has
    /// counted it.
    ends: VecDeque<u64>,
    put: u64,
    gone: u64,
}

impl Outbox {
    /// Whether nothing waits: neither bytes to leave nor frames to be counted.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether no bytes wait.
    pub fn has_left(&self) -> bool {
        self.parcels.is_empty()
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        (self.put - self.gone) as usize
    }

    /// Frames that wait to leave or to be counted.
    pub fn frames(&self) -> usize {
        self.ends.len()
    }

    /// Adds what is left of a frame whose first `sent` bytes have gone already. `descriptor` is for
    /// its first byte.
    pub fn put(&mut self, bytes: Bytes, sent: usize, descriptor: Option<OwnedFd>) {
        self.count(bytes.as_ref().len() - sent);
        let open = descriptor.is_none();
        self.parcels.push_back(Parcel {
            bytes,
            sent,
            descriptor,
            open,
        });
    }

    /// Adds a small frame by appending it to the last parcel, if it can be. A frame with a descriptor
    /// travels alone: the receiver must find it at the descriptor's place.
    pub fn join(&mut self, frame: &[u8]) -> bool {
        let Some(Parcel {
            bytes: Bytes::Owned(bytes),
            open: true,
            ..
        }) = self.parcels.back_mut()
        else {
            return false;
        };
        let fits = bytes.len() + frame.len() <= JOINED;
        if fits {
            bytes.extend_from_slice(frame);
            self.count(frame.len());
        }
        fits
    }

    fn count(&mut self, length: usize) {
        self.put += length as u64;
        self.ends.push_back(self.put);
    }

    /// Lets `write` take from the front until nothing is left, it has had its turn or it fails.
    /// Returns the number of frames whose last byte has gone, each counted once.
    pub fn flush(
        &mut self,
        write: impl FnMut(&[u8], Option<BorrowedFd<'_>>) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        self.advance(write, |_| true)?;
        Ok(self.count_gone())
    }

    /// The number of frames whose last byte has gone, each counted once.
    pub fn count_gone(&mut self) -> usize {
        let before = self.ends.len();
        while self.ends.front().is_some_and(|end| *end <= self.gone) {
            self.ends.pop_front();
        }
        before - self.ends.len()
    }

    /// The same without counting, up to the first bytes that `may_send` refuses.
    pub fn advance(
        &mut self,
        mut write: impl FnMut(&[u8], Option<BorrowedFd<'_>>) -> Result<usize, Errno>,
        may_send: impl Fn(&Bytes) -> bool,
    ) -> Result<(), Errno> {
        for _ in 0..MOST_WRITES {
            let front = self.parcels.front_mut();
            let Some(parcel) = front.filter(|parcel| may_send(&parcel.bytes)) else {
                break;
            };
            let rest = parcel.bytes.as_ref().get(parcel.sent..).unwrap_or_default();
            let taken = match write(rest, parcel.descriptor.as_ref().map(AsFd::as_fd)) {
                Ok(taken) => taken,
                Err(errno) if is_transient(errno) => break,
                Err(errno) => return Err(errno),
            };
            parcel.descriptor = None;
            parcel.sent += taken;
            if taken == rest.len() {
                self.parcels.pop_front();
            }
            self.gone += taken as u64;
        }
        Ok(())
    }

    /// Drops everything; returns the number of frames that never left.
    pub fn abandon(&mut self) -> usize {
        let frames = self.ends.len();
        self.parcels.clear();
        self.ends.clear();
        self.gone = self.put;
        frames
    }
}

/// Whether the socket cannot take anything now and will later. `ENOBUFS` is what libuv adds.
pub(super) fn is_transient(errno: Errno) -> bool {
    matches!(errno, Errno::EAGAIN | Errno::ENOBUFS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn owned(text: &str) -> Bytes {
        Bytes::Owned(text.as_bytes().to_vec())
    }

    #[test]
    fn frames_leave_in_order_and_are_counted_when_their_last_byte_has_gone() {
        let mut outbox = Outbox::default();
        outbox.put(owned("first"), 2, None);
        outbox.put(owned("second"), 0, None);
        assert_eq!((outbox.len(), outbox.frames()), (9, 2));
        let mut seen = Vec::new();
        let completed = outbox.flush(|bytes, _| {
            if seen.len() >= 5 {
                return Err(Errno::EAGAIN);
            }
            seen.extend_from_slice(&bytes[..1]);
            Ok(1)
        });
        assert_eq!(completed, Ok(1));
        assert_eq!(seen, b"rstse");
        assert_eq!((outbox.len(), outbox.frames()), (4, 1));
        assert_eq!(outbox.flush(|bytes, _| Ok(bytes.len())), Ok(1));
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_descriptor_goes_once_with_the_first_byte_of_its_frame_alone() {
        let mut outbox = Outbox::default();
        outbox.put(owned("before"), 0, None);
        outbox.put(
            owned("handle"),
            0,
            Some(File::open("/dev/null").unwrap().into()),
        );
        outbox.put(owned("after"), 0, None);
        let mut calls = Vec::new();
        let completed = outbox.flush(|bytes, descriptor| {
            calls.push((
                String::from_utf8_lossy(bytes).into_owned(),
                descriptor.is_some(),
            ));
            Ok(bytes.len().min(4))
        });
        assert_eq!(completed, Ok(3));
        let expected = [
            ("before", false),
            ("re", false),
            ("handle", true),
            ("le", false),
            ("after", false),
            ("r", false),
        ];
        assert_eq!(calls, expected.map(|(text, with)| (text.to_owned(), with)));
    }

    #[test]
    fn small_frames_are_joined_up_to_a_size() {
        let mut outbox = Outbox::default();
        for _ in 0..1000 {
            let frame = vec![b'x'; 1000];
            if !outbox.join(&frame) {
                outbox.put(Bytes::Owned(frame), 0, None);
            }
        }
        assert_eq!((outbox.len(), outbox.frames()), (1_000_000, 1000));
        assert!(outbox.parcels.len() < 20);
        let mut total = 0;
        while !outbox.is_empty() {
            total += outbox.flush(|bytes, _| Ok(bytes.len())).unwrap();
        }
        assert_eq!(total, 1000);
    }

    #[test]
    fn one_turn_is_bounded_and_a_failure_leaves_the_rest_to_be_abandoned() {
        let mut outbox = Outbox::default();
        outbox.put(Bytes::Owned(vec![0; 1000]), 0, None);
        outbox.put(Bytes::Shared(Box::new(vec![0; 1000])), 0, None);
        assert_eq!(outbox.flush(|_, _| Ok(1)), Ok(0));
        assert_eq!(outbox.len(), 2000 - MOST_WRITES);
        assert_eq!(outbox.flush(|_, _| Err(Errno::EPIPE)), Err(Errno::EPIPE));
        assert_eq!(outbox.abandon(), 2);
        assert_eq!((outbox.len(), outbox.is_empty()), (0, true));
    }
}
