//! The native `Channel`: one child's IPC channel on the event loop's own thread.

use std::os::fd::{IntoRawFd, OwnedFd};
use std::rc::Rc;

use napi::bindgen_prelude::{Buffer, Env, Function, Unknown};
use napi_derive::napi;

use super::convert;
use super::link::Link;
use super::raw;
use crate::ipc::channel::{Channel as Core, SMALL};
use crate::ipc::frame::Mode;
use crate::sys::scm_rights::{self, Kind};

/// The first argument of a channel's handler: what happened.
#[napi]
pub enum ChannelEvent {
    /// Messages came. `payload`, in json mode: a string, the lines with `',\n'` between them; in
    /// advanced mode: messages, each behind its length (u32, big-endian), in a Buffer or, if it is a
    /// number, so many bytes of them in the inbox. `extra`: how many messages. `owners`: undefined, or
    /// the indices of those that own a descriptor, which `takeDescriptor()` returns in this order.
    Frames = 0,
    /// `payload`: how many queued frames are no longer queued, the oldest first. `extra`: 0 if they
    /// have left, the negative errno if they never will.
    Written = 1,
    /// The peer closed its end, or is gone. `payload`: undefined.
    End = 2,
    /// Nothing more will be read. `payload`: the longest message allowed, in bytes, which one passed,
    /// or the negative errno of the read.
    Error = 3,
}

/// Frames up to this size are copied if they have to wait, in bytes.
#[napi]
pub const SMALL_FRAME: u32 = SMALL as u32;

/// What a received descriptor is.
#[napi]
pub enum DescriptorKind {
    /// A stream socket over IP.
    Tcp = 1,
    /// A stream socket in the Unix domain.
    Pipe = 2,
    /// A datagram socket over IP.
    Udp = 3,
}

/// An unbound socket of a kind, from which to learn what class wraps these. Its number, or a negative
/// errno.
#[napi(catch_unwind)]
pub fn unbound_socket(kind: u32) -> i32 {
    let kind = if kind == Kind::Pipe as u32 {
        Kind::Pipe
    } else {
        Kind::Tcp
    };
    match scm_rights::unbound(kind) {
        Ok(fd) => fd.into_raw_fd(),
        Err(errno) => convert::status::<()>(&Err(errno)),
    }
}

/// One child's IPC channel. It reads from the start, keeps the event loop alive unless `unref`'d, and
/// lives until `close()` or the end of the environment, whoever holds the object.
#[napi]
pub struct Channel {
    link: Rc<Link>,
}

impl Channel {
    /// Takes over the parent's end of a channel. `handler(kind, payload, extra, owners)` is called for every
    /// `ChannelEvent`, each time in a callback scope of its own.
    pub(super) fn open(
        env: &Env,
        fd: OwnedFd,
        mode: Mode,
        inbox: Option<Buffer>,
        handler: Function<'_>,
    ) -> napi::Result<Self> {
        Link::open(env, fd, mode, inbox, &handler).map(|link| Self { link })
    }
}

#[napi]
impl Channel {
    /// The function that sends a frame, `write(frame, size, fd)`: in json mode a string, which gets
    /// its newline here; in advanced mode a Buffer whose first `size` bytes are the frame, its length
    /// included; if that is the whole Buffer and more than `SMALL_FRAME`, it must not change
    /// afterwards. A duplicate of `fd` goes with it unless that is -1. It returns the bytes that are
    /// queued afterwards (0: all has gone), or a negative errno, with nothing sent.
    #[napi(
        catch_unwind,
        ts_return_type = "(frame: string | Buffer, size: number, fd: number) => number"
    )]
    pub fn writer<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let link = Rc::clone(&self.link);
        let write = move |env: &Env, [frame, size, fd]: [Unknown<'_>; 3]| {
            let fd = raw::integer(env, fd)?;
            let size = raw::size(env, size)?;
            let written = link.write(env, frame, size, fd)?;
            Ok(match written {
                Ok(queued) => queued as f64,
                Err(errno) => f64::from(convert::status::<()>(&Err(errno))),
            })
        };
        raw::function(env, Box::new(write))
    }

    /// Bytes that wait for the socket to take them.
    #[napi(getter, catch_unwind)]
    pub fn queued_bytes(&self) -> f64 {
        self.link.with(|core| core.queued_bytes()).unwrap_or(0) as f64
    }

    /// The `DescriptorKind` of the next descriptor that belongs to a message, in order. 0 if there is
    /// none, or it is of a kind that no handle class wraps (it is closed then).
    #[napi(catch_unwind)]
    pub fn next_descriptor(&self) -> u32 {
        let kind = self.link.with(|core| {
            let kind = core.next_descriptor().map(scm_rights::kind);
            if kind == Some(Kind::Other) {
                drop(core.take_descriptor());
            }
            kind
        });
        kind.flatten().unwrap_or(Kind::Other) as u32
    }

    /// The number of the descriptor that `nextDescriptor` told of, now the caller's; -1 if there is none.
    #[napi(catch_unwind)]
    pub fn take_descriptor(&self) -> i32 {
        let taken = self.link.with(Core::take_descriptor).flatten();
        taken.map_or(-1, IntoRawFd::into_raw_fd)
    }

    /// The channel keeps the event loop alive.
    #[napi(js_name = "ref", catch_unwind)]
    pub fn reference(&self) {
        self.link.set_referenced(true);
    }

    /// The channel does not keep the event loop alive.
    #[napi(js_name = "unref", catch_unwind)]
    pub fn unreference(&self) {
        self.link.set_referenced(false);
    }

    /// Whether the channel keeps the event loop alive.
    #[napi(catch_unwind)]
    pub fn has_ref(&self) -> bool {
        self.link.is_referenced()
    }

    /// The descriptor's number; -1 once it is closed.
    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.link.with(|core| core.number()).unwrap_or(-1)
    }

    /// Sends what is held back, and holds nothing back any more: the process is about to exit.
    #[napi(catch_unwind)]
    pub fn hurry(&self) {
        self.link.hurry();
    }

    /// Stops reading at once. What is queued still leaves, then the descriptor is closed.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.link.with(Core::close);
        self.link.wait();
    }
}
