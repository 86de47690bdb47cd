//! What `rs-child-process doctor` asks.

use napi_derive::napi;

use crate::engine::child;
use crate::sys::launch;

/// How children are started here: `vfork` or `fork`.
#[napi(catch_unwind)]
pub fn launch_path() -> &'static str {
    launch::method().name()
}

/// How their end is noticed here: `pidfd`, `pidfd_open` or `thread`.
#[napi(catch_unwind)]
pub fn wait_path() -> &'static str {
    child::wait_path().name()
}
