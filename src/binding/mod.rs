//! The Node-API face: thin classes over the engine and the channel.
//!
//! JavaScript validates; here types are trusted. Errors cross as negative errnos, never as sentences.
//! Every export runs under napi-rs's `catch_unwind`, every callback under one of ours: a panic must
//! not cross into C++.

mod burst;
pub mod channel;
pub mod child_process;
pub mod convert;
pub mod env_state;
pub mod facts;
mod link;
mod raw;
pub mod spawn_sync;
