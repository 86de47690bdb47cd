//! The native half of `rs-child-process`: processes started, supervised and reaped without
//! JavaScript's help, and the IPC channel that speaks `NODE_CHANNEL_FD`.
//!
//! Dependencies point one way, `binding` → `engine`, `ipc` → `sys`; what travels up is data.
//!
//! - [`sys`]: system calls, and the only hand-written `unsafe` besides the raw Node-API calls that
//!   have no safe wrapper.
//! - [`engine`]: launching, supervising, collecting output, and the synchronous run.
//! - [`ipc`]: framing, write queue and descriptor passing on the channel.
//! - [`binding`]: the Node-API face; the only module that knows of `napi`.

#![deny(unsafe_code)]

#[cfg(feature = "napi")]
pub mod binding;
pub mod engine;
pub mod ipc;
pub mod sys;
