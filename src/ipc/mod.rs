//! The IPC channel: bytes and descriptors on a socket that speaks `NODE_CHANNEL_FD`.
//!
//! - [`frame`]: cutting messages out of the stream; no I/O.
//! - [`control`]: recognising the one message that owns a descriptor.
//! - [`descriptors`]: which received descriptor belongs to which message.
//! - [`outbox`]: what the socket has not taken yet.
//! - [`sender`]: the sending half, which two threads may flush.
//! - [`channel`]: the socket with all of these.
//!
//! Nothing here knows of JavaScript or of an event loop: the owner says when the socket is ready.

pub mod channel;
pub mod control;
pub mod descriptors;
pub mod frame;
pub mod outbox;
pub mod sender;
