//! System calls. Every `unsafe` block of the crate that is not a raw Node-API call lives below this
//! module, each with the invariant it rests on.

#![allow(unsafe_code, reason = "system calls; each block names its invariant")]

pub mod environ;
pub mod fd;
pub mod launch;
pub mod scm_rights;
pub mod uv;
pub mod wait;
