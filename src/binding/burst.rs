//! Many messages in one turn of the event loop.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::engine::event::Reminded;
use crate::engine::supervisor::Supervisor;
use crate::ipc::channel::Sender;
use crate::sys::uv::Loop;

/// Counts the messages that are sent in one turn of the event loop. The first leave at once, each in a
/// call of its own. The others are held back until the turn ends, so that they leave together: two
/// fifths of what a small message costs are the call.
pub(super) struct Burst {
    event_loop: Loop,
    /// The turn, by the loop's clock.
    turn: Cell<u64>,
    sent: Cell<u32>,
    is_over: Cell<bool>,
    backstop: Arc<Backstop>,
}

impl Burst {
    /// Messages that leave at once in each turn.
    const AT_ONCE: u32 = 32;

    pub(super) fn new(event_loop: Loop, sender: &Arc<Sender>) -> Self {
        Self {
            event_loop,
            turn: Cell::new(0),
            sent: Cell::new(0),
            is_over: Cell::new(false),
            backstop: Arc::new(Backstop {
                sender: Arc::downgrade(sender),
                is_set: AtomicBool::new(false),
            }),
        }
    }

    /// Counts a message; whether it is to be held back.
    pub(super) fn goes_on(&self) -> bool {
        // The clock stands still for the length of a turn, and sometimes longer.
        let turn = self.event_loop.now();
        if self.turn.replace(turn) != turn {
            self.end();
        }
        let sent = self.sent.get();
        let goes_on = sent >= Self::AT_ONCE && !self.is_over.get();
        if !goes_on {
            self.sent.set(sent + 1);
        }
        goes_on
    }

    /// A message is held back now: sees to it that it leaves, whatever this thread does next.
    pub(super) fn held(&self) {
        self.backstop.set();
    }

    /// Another turn has begun.
    pub(super) fn end(&self) {
        self.sent.set(0);
    }

    /// There will be no other turn: nothing is held back from here on.
    pub(super) fn end_all(&self) {
        self.is_over.set(true);
    }
}

/// Has the engine send what is held back while this thread goes on and on in one turn.
#[derive(Debug)]
struct Backstop {
    /// Not an owner: the descriptor is closed with the channel.
    sender: Weak<Sender>,
    is_set: AtomicBool,
}

impl Backstop {
    /// For how long a message may be held back.
    const DELAY: Duration = Duration::from_millis(1);

    fn set(self: &Arc<Self>) {
        if self.is_set.swap(true, Ordering::Relaxed) {
            return;
        }
        let reminded: Weak<Self> = Arc::downgrade(self);
        match Supervisor::get() {
            Ok(supervisor) => supervisor.remind(Self::DELAY, reminded),
            // No thread to be had.
            Err(_) => self.remind(),
        }
    }
}

impl Reminded for Backstop {
    fn remind(&self) {
        // First: what is held back after the flush sets it again. The outbox's lock orders the two.
        self.is_set.store(false, Ordering::Relaxed);
        if let Some(sender) = self.sender.upgrade() {
            sender.flush_held();
        }
    }
}
