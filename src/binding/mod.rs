//! The Node-API face: thin classes over the engine and the channel.
//!
//! JavaScript validates; here types are trusted. Errors cross as negative errnos, never as sentences.
//! Every export runs under napi-rs's `catch_unwind`, every callback under one of ours: a panic must
//! not cross into C++.

#![allow(unreachable_pub, reason = "what `#[napi]` exports has to be `pub`")]

mod child_process;
mod convert;
mod env_state;
mod facts;
mod spawn_sync;
