//! Launching and supervising: what must happen even while JavaScript is busy.
//!
//! [`command`] says what to start, [`Process`](process::Process) is a child with its parent ends,
//! the [`supervisor`] thread notices what happens to it and reports [`Event`](event::Event)s, and
//! [`run_sync`] does the whole life of a child on the calling thread.

pub mod child;
pub mod command;
pub mod event;
mod parent_end;
pub mod process;
pub mod run_sync;
pub mod supervisor;

pub use crate::sys::launch::{Failure, Step};
pub use crate::sys::wait::Exit;

#[cfg(test)]
mod tests;
