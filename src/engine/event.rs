//! What the engine tells its user.

use std::fmt;
use std::sync::Arc;

use nix::errno::Errno;

use super::process::Process;
use crate::sys::wait::Exit;

/// Something that happened to a process.
#[derive(Clone, Debug)]
pub struct Event {
    /// To which one.
    pub process: Arc<Process>,
    /// What.
    pub kind: EventKind,
}

/// The kinds of events. Exactly one of `Exit` and `Lost` comes for each process, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It has ended and is reaped.
    Exit(Exit),
    /// Its deadline passed and it was sent its signal, with this result.
    Deadline(Result<(), Errno>),
    /// A collected stream passed its limit; collecting has stopped, and the process was sent its
    /// signal, with this result.
    Overflow {
        /// The stream's index in the child's table.
        stream: usize,
        /// Whether the signal could be sent.
        kill: Result<(), Errno>,
    },
    /// A collected or drained stream has come to its end. For a collected one it is told only after
    /// the exit: nobody needs it earlier, and it saves a wake-up.
    StreamEnd {
        /// The stream's index in the child's table.
        stream: usize,
    },
    /// Supervision has failed; the process may still run, and nothing more will be told of it.
    Lost(Errno),
}

/// Somebody who wants to be told that a time has passed. Called from the engine's thread; must neither
/// block nor panic.
pub trait Reminded: fmt::Debug + Send + Sync {
    /// The time has passed, or there will be no other chance.
    fn remind(&self);
}

/// Where events go. Called from the engine's thread; must neither block nor panic.
pub trait Sink: Send + Sync {
    /// Takes events in the order in which they happened, and wakes whoever reads them.
    fn deliver(&self, events: &mut dyn Iterator<Item = Event>);
}
