//! Which received descriptor belongs to which message.
//!
//! A sender attaches a descriptor to the first byte of its message, and the bytes of one read never
//! reach past a message with a descriptor. So the message begins within the read that brought the
//! descriptor, and is the one there that says it owns one; a position in the stream, not the order
//! of arrival, keeps the two together. Should the descriptor have been lost on the way, the next
//! message does not get another's.

use std::collections::VecDeque;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Descriptors that may wait for their message to become complete. A well-behaved peer has one on
/// its way at a time; a hostile one must not fill this process's table.
const MOST_WAITING: usize = 16;

/// A descriptor whose message is not complete yet.
#[derive(Debug)]
struct Arrival {
    /// Position in the stream of the bytes it came with.
    bytes: Range<u64>,
    /// `None`: it could not be received.
    fd: Option<OwnedFd>,
}

/// Received descriptors; whatever is not taken is closed with this.
#[derive(Debug, Default)]
pub struct Descriptors {
    waiting: VecDeque<Arrival>,
    claimed: VecDeque<OwnedFd>,
}

impl Descriptors {
    /// A descriptor came with these bytes of the stream; `None` if it was lost.
    pub fn arrived(&mut self, bytes: Range<u64>, fd: Option<OwnedFd>) {
        if !self.is_full() {
            self.waiting.push_back(Arrival { bytes, fd });
        }
    }

    /// Whether no more may wait: messages should be cut before more is read.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_WAITING
    }

    /// Whether any waits for its message.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A message is complete; says whether a descriptor belongs to it, which [`Descriptors::take`]
    /// then returns in turn. `owns` tells whether the message claims one, and is only asked if one
    /// came with it. Descriptors that no message has claimed are closed as soon as that is certain.
    pub fn message(&mut self, message: Range<u64>, owns: impl FnOnce() -> bool) -> bool {
        self.close_before(message.start);
        let came_with_it = self
            .waiting
            .front()
            .is_some_and(|arrival| arrival.bytes.start <= message.start);
        if !came_with_it || !owns() {
            return false;
        }
        let fd = self.waiting.pop_front().and_then(|arrival| arrival.fd);
        let claimed = fd.is_some();
        self.claimed.extend(fd);
        claimed
    }

    /// Every message that begins before this position is complete: closes what none of them claimed.
    pub fn close_before(&mut self, position: u64) {
        while self
            .waiting
            .front()
            .is_some_and(|arrival| arrival.bytes.end <= position)
        {
            self.waiting.pop_front();
        }
    }

    /// What [`Descriptors::take`] returns next.
    pub fn next(&self) -> Option<BorrowedFd<'_>> {
        self.claimed.front().map(AsFd::as_fd)
    }

    /// The next descriptor that belongs to a message.
    pub fn take(&mut self) -> Option<OwnedFd> {
        self.claimed.pop_front()
    }

    /// Closes all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    fn descriptor() -> OwnedFd {
        File::open("/dev/null").unwrap().into()
    }

    #[test]
    fn the_message_that_begins_in_the_read_gets_it() {
        let mut descriptors = Descriptors::default();
        let fd = descriptor();
        let number = fd.as_raw_fd();
        descriptors.arrived(10..100, Some(fd));
        assert!(!descriptors.message(0..20, || unreachable!("it began in an earlier read")));
        assert!(!descriptors.message(20..50, || false));
        assert!(descriptors.message(50..400, || true));
        assert!(!descriptors.message(400..410, || unreachable!("nothing waits")));
        assert_eq!(descriptors.take().map(|fd| fd.as_raw_fd()), Some(number));
        assert!(descriptors.take().is_none());
    }

    #[test]
    fn a_lost_one_does_not_shift_the_others() {
        let mut descriptors = Descriptors::default();
        descriptors.arrived(0..10, None);
        descriptors.arrived(10..20, Some(descriptor()));
        assert!(!descriptors.message(0..10, || true));
        assert!(descriptors.message(10..20, || true));
        assert!(descriptors.take().is_some());
    }

    #[test]
    fn unclaimed_ones_are_closed() {
        let mut descriptors = Descriptors::default();
        let (ours, theirs) = crate::sys::fd::socket_pair().unwrap();
        descriptors.arrived(0..10, Some(theirs));
        assert!(!descriptors.message(0..10, || false));
        assert!(descriptors.is_waiting(), "a message may still begin there");
        descriptors.close_before(9);
        assert!(descriptors.is_waiting());
        descriptors.close_before(10);
        assert!(!descriptors.is_waiting());
        assert_eq!(
            nix::unistd::read(&ours, &mut [0; 1]),
            Ok(0),
            "the other end is closed"
        );
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut descriptors = Descriptors::default();
        for position in 0..1000 {
            descriptors.arrived(position..position + 1, Some(descriptor()));
        }
        assert_eq!(descriptors.waiting.len(), MOST_WAITING);
    }
}
