//! The IPC channel.
