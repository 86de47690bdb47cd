//! The native `Channel`: one child's IPC channel on the event loop's own thread.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsFd, IntoRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use napi::bindgen_prelude::{BufferSlice, Env, Function, JsValue, Unknown};
use napi_derive::napi;
use nix::errno::Errno;

use super::convert;
use super::raw::{self, Arguments, Callback, Teardown};
use crate::ipc::channel::{Channel as Core, Ending, Outgoing};
use crate::ipc::frame::{Batch, DEFAULT_LIMIT, Mode};
use crate::ipc::outbox::Bytes;
use crate::sys::scm_rights::{self, Kind};
use crate::sys::uv::{Poll, Readiness};

/// The first argument of a channel's handler: what happened.
#[napi]
pub enum ChannelEvent {
    /// Messages came. `payload`, in json mode: an array of strings, each a line; in advanced mode: one
    /// Buffer of messages, each behind its length (u32, big-endian). `extra`: undefined, or the
    /// indices of the messages that own a descriptor, which `takeHandle()` returns in this order.
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

/// A received descriptor; it belongs to the caller.
#[napi(object, object_from_js = false)]
pub struct ReceivedHandle {
    /// Its number.
    pub fd: i32,
    /// A `DescriptorKind`.
    pub kind: u32,
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
    /// Takes over the parent's end of a channel. `handler(kind, payload, extra)` is called for every
    /// `ChannelEvent`, each time in a callback scope of its own.
    pub(super) fn open(
        env: &Env,
        fd: OwnedFd,
        mode: Mode,
        handler: Function<'_>,
    ) -> napi::Result<Self> {
        let link = Rc::new(Link {
            core: RefCell::new(Some(Core::new(fd, mode, DEFAULT_LIMIT))),
            poll: RefCell::new(None),
            handler: RefCell::new(Some(Rc::new(Callback::new(
                env,
                &handler,
                "RSCHILDPROCESSCHANNEL",
            )?))),
            teardown: Cell::new(None),
            waiting_for: Cell::new(Readiness::default()),
        });
        match link.attach(env) {
            Ok(()) => Ok(Self { link }),
            Err(error) => {
                link.shut_down();
                Err(error)
            }
        }
    }
}

#[napi]
impl Channel {
    /// The function that sends a frame, `write(frame, fd)`: in json mode a string, which gets its
    /// newline here, in advanced mode a Buffer that begins with its length and must not change
    /// afterwards. A duplicate of `fd` goes with it unless that is -1. It returns the bytes that are
    /// queued afterwards (0: all has gone), or a negative errno, with nothing sent.
    #[napi(
        catch_unwind,
        ts_return_type = "(frame: string | Buffer, fd: number) => number"
    )]
    pub fn writer<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        let link = Rc::clone(&self.link);
        let write = move |env: &Env, frame: Unknown<'_>, fd: Unknown<'_>| {
            let fd = raw::integer(env, fd)?;
            let written = match link.mode() {
                Some(Mode::Json) => link.write_text(env, frame, fd)?,
                Some(Mode::Advanced) => link.write_buffer(env, frame, fd)?,
                None => Err(Errno::EPIPE),
            };
            link.wait();
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

    /// The next descriptor that belongs to a message, in order; `null` if there is none, or it is of
    /// a kind that no handle class wraps (it is closed then).
    #[napi(catch_unwind)]
    pub fn take_handle(&self) -> Option<ReceivedHandle> {
        let fd = self.link.with(Core::take_descriptor).flatten()?;
        let kind = scm_rights::kind(fd.as_fd());
        (kind != Kind::Other).then(|| ReceivedHandle {
            fd: fd.into_raw_fd(),
            kind: kind as u32,
        })
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
        self.link
            .poll
            .borrow()
            .as_ref()
            .is_some_and(Poll::is_referenced)
    }

    /// The descriptor's number; -1 once it is closed.
    #[napi(getter, catch_unwind)]
    pub fn fd(&self) -> i32 {
        self.link.with(|core| core.number()).unwrap_or(-1)
    }

    /// Stops reading at once. What is queued still leaves, then the descriptor is closed.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.link.with(Core::close);
        self.link.wait();
    }
}

/// What the event loop and the JavaScript object share.
struct Link {
    /// `None` once closed. Never borrowed while JavaScript runs.
    core: RefCell<Option<Core>>,
    /// `None` once closed.
    poll: RefCell<Option<Poll>>,
    /// `None` once closed.
    handler: RefCell<Option<Rc<Callback>>>,
    /// Keeps the environment's teardown waiting until the poll handle is closed.
    teardown: Cell<Option<Teardown>>,
    /// What the poll handle waits for at present.
    waiting_for: Cell<Readiness>,
}

impl Link {
    /// Enters the event loop.
    fn attach(self: &Rc<Self>, env: &Env) -> napi::Result<()> {
        let link = Rc::clone(self);
        let on_ready = Box::new(move |readiness| link.ready(readiness));
        let event_loop = raw::event_loop(env)?;
        let opened = self
            .core
            .borrow()
            .as_ref()
            .ok_or(Errno::EBADF)
            .and_then(|core| Poll::open(event_loop, core.socket(), on_ready))
            .map_err(|errno| {
                napi::Error::from_reason(format!("the channel cannot be watched: {errno}"))
            })?;
        self.poll.replace(Some(opened));
        let link = Rc::clone(self);
        self.teardown.set(Some(Teardown::new(
            env,
            Box::new(move || link.shut_down()),
        )?));
        self.wait();
        Ok(())
    }

    /// Uses the channel unless it is closed.
    fn with<T>(&self, f: impl FnOnce(&mut Core) -> T) -> Option<T> {
        self.core.borrow_mut().as_mut().map(f)
    }

    fn mode(&self) -> Option<Mode> {
        self.with(|core| core.mode())
    }

    /// The loop's callback.
    fn ready(&self, readiness: Option<Readiness>) {
        let served = catch_unwind(AssertUnwindSafe(|| self.serve(readiness)));
        if served.is_err() {
            // A bug of ours: to the child it looks like a channel that ended.
            let told = || {
                self.tell(ChannelEvent::End, |env| {
                    Ok((raw::undefined(env)?, raw::undefined(env)?))
                })
            };
            let _ = catch_unwind(AssertUnwindSafe(told));
            self.shut_down();
        }
    }

    fn serve(&self, readiness: Option<Readiness>) {
        let readiness = readiness.unwrap_or_else(|| {
            // Stopped by an error condition. What came before it can still be read.
            self.waiting_for.set(Readiness::default());
            Readiness {
                readable: true,
                writable: true,
            }
        });
        if readiness.readable {
            self.read();
        }
        if readiness.writable {
            self.flush();
        }
        self.wait();
    }

    fn read(&self) {
        let Some(incoming) = self.with(Core::receive) else {
            return;
        };
        if let Some(batch) = incoming.batch {
            self.deliver(batch, &incoming.with_descriptor);
        }
        // The handler may have closed the channel; it has stopped reading itself otherwise.
        if self.core.borrow().is_none() {
            return;
        }
        match incoming.ending {
            Some(Ending::Closed) => {
                self.tell(ChannelEvent::End, |env| {
                    Ok((raw::undefined(env)?, raw::undefined(env)?))
                });
            }
            Some(Ending::TooLarge(passed)) => self.tell_error(passed.limit as f64),
            Some(Ending::Failed(errno)) => {
                self.tell_error(f64::from(convert::status::<()>(&Err(errno))))
            }
            None => {}
        }
    }

    fn flush(&self) {
        let (frames, errno) = match self.with(Core::flush) {
            None | Some(Ok(0)) => return,
            Some(Ok(frames)) => (frames, 0),
            Some(Err((errno, frames))) => (frames, convert::status::<()>(&Err(errno))),
        };
        self.tell(ChannelEvent::Written, |env| {
            Ok((
                raw::number(env, frames as f64)?,
                raw::number(env, f64::from(errno))?,
            ))
        });
    }

    fn deliver(&self, batch: Batch, owners: &[u32]) {
        let mode = self.mode();
        self.tell(ChannelEvent::Frames, |env| {
            let payload = if mode == Some(Mode::Advanced) {
                convert::buffer(env, batch.into_bytes())?.raw()
            } else {
                let lines = raw::array(env, batch.frames().map(|frame| raw::text(env, frame)))?;
                Core::recycle(batch);
                lines
            };
            let extra = if owners.is_empty() {
                raw::undefined(env)?
            } else {
                raw::array(
                    env,
                    owners
                        .iter()
                        .map(|index| raw::number(env, f64::from(*index))),
                )?
            };
            Ok((payload, extra))
        });
    }

    fn tell_error(&self, what: f64) {
        self.tell(ChannelEvent::Error, |env| {
            Ok((raw::number(env, what)?, raw::undefined(env)?))
        });
    }

    /// Calls the handler. It may do anything with the channel meanwhile, closing it included.
    fn tell(
        &self,
        kind: ChannelEvent,
        payload: impl FnOnce(&Env) -> napi::Result<(napi::sys::napi_value, napi::sys::napi_value)>,
    ) {
        let Some(handler) = self.handler.borrow().clone() else {
            return;
        };
        // An error means that no JavaScript runs any more: the environment is going down.
        let _ = handler.call(|env| -> napi::Result<Arguments> {
            let (payload, extra) = payload(env)?;
            Ok([raw::number(env, f64::from(kind as u32))?, payload, extra])
        });
    }

    /// Waits for what the channel wants next, or closes it if that is nothing.
    fn wait(&self) {
        let Some((finished, wanted)) = self.with(|core| {
            let wanted = Readiness {
                readable: core.wants_read(),
                writable: core.wants_write(),
            };
            (core.is_finished(), wanted)
        }) else {
            return;
        };
        if finished {
            self.shut_down();
        } else if wanted != self.waiting_for.get() {
            let started = self
                .poll
                .borrow()
                .as_ref()
                .map_or(Ok(()), |poll| poll.start(wanted));
            if started.is_ok() {
                self.waiting_for.set(wanted);
            }
        }
    }

    /// Leaves the event loop and closes the descriptor. Idempotent.
    fn shut_down(&self) {
        let (poll, teardown) = (self.poll.take(), self.teardown.take());
        if let Some(poll) = poll {
            poll.close(move || drop(teardown));
        }
        drop(self.core.take());
        drop(self.handler.take());
    }

    fn set_referenced(&self, referenced: bool) {
        if let Some(poll) = &*self.poll.borrow() {
            poll.set_referenced(referenced);
        }
    }

    fn write_text(
        &self,
        env: &Env,
        text: Unknown<'_>,
        fd: i32,
    ) -> napi::Result<Result<usize, Errno>> {
        let mut frame = SCRATCH.take();
        frame.clear();
        raw::append_text(env, text, &mut frame)?;
        frame.push(b'\n');
        Ok(self.send(frame, fd).map(|(gone, queued)| {
            if let Some(frame) = gone.filter(|frame| frame.capacity() <= LARGEST_SCRATCH) {
                SCRATCH.set(frame);
            }
            queued
        }))
    }

    fn write_buffer(
        &self,
        env: &Env,
        buffer: Unknown<'_>,
        fd: i32,
    ) -> napi::Result<Result<usize, Errno>> {
        let frame = BufferFrame {
            buffer: raw::buffer_argument(env, buffer)?,
            env,
        };
        Ok(self.send(frame, fd).map(|(_, queued)| queued))
    }

    fn send<F: Outgoing>(&self, frame: F, fd: i32) -> Result<(Option<F>, usize), Errno> {
        self.with(|core| Ok((core.send(frame, raw::borrowed(fd))?, core.queued_bytes())))
            .unwrap_or(Err(Errno::EPIPE))
    }
}

/// More memory than this is not kept for the next text.
const LARGEST_SCRATCH: usize = 4 << 20;

thread_local! {
    /// The memory of the last text that was sent, for the next one on any channel.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A Buffer on its way out.
struct BufferFrame<'call> {
    buffer: BufferSlice<'call>,
    env: &'call Env,
}

impl AsRef<[u8]> for BufferFrame<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Outgoing for BufferFrame<'_> {
    fn keep(self) -> Bytes {
        /// Below this a copy costs less than a reference.
        const COPIED: usize = 16 << 10;
        let kept = if self.buffer.len() > COPIED {
            raw::keep_buffer(self.env, &self.buffer).ok()
        } else {
            None
        };
        kept.map_or_else(
            || Bytes::Owned(self.buffer.to_vec()),
            |buffer| Bytes::Shared(Box::new(buffer)),
        )
    }
}
