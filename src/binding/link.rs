//! A channel on the event loop's own thread.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use napi::bindgen_prelude::{Buffer, BufferSlice, Env, Function, JsValue, Unknown};
use nix::errno::Errno;

use super::burst::Burst;
use super::channel::ChannelEvent;
use super::convert;
use super::raw::{self, Arguments, Callback, Teardown};
use crate::ipc::channel::{Channel as Core, Ending, Outgoing, SMALL, Taken};
use crate::ipc::frame::{Batch, DEFAULT_LIMIT, Mode};
use crate::ipc::outbox::Bytes;
use crate::sys::uv::{Loop, Poll, Readiness};

/// What the event loop and the JavaScript object share.
pub(super) struct Link {
    /// `None` once closed. Never borrowed while JavaScript runs.
    core: RefCell<Option<Core>>,
    /// `None` once closed.
    poll: RefCell<Option<Poll>>,
    /// `None` once closed.
    handler: RefCell<Option<Rc<Callback>>>,
    /// Memory of JavaScript's for small batches. `None` in json mode and once closed.
    inbox: RefCell<Option<Buffer>>,
    /// Keeps the environment's teardown waiting until the poll handle is closed.
    teardown: Cell<Option<Teardown>>,
    /// What the poll handle waits for at present.
    waiting_for: Cell<Readiness>,
    burst: Burst,
}

impl Link {
    /// Takes over the parent's end of a channel, and enters the event loop with it.
    pub(super) fn open(
        env: &Env,
        fd: OwnedFd,
        mode: Mode,
        inbox: Option<Buffer>,
        handler: &Function<'_>,
    ) -> napi::Result<Rc<Self>> {
        let event_loop = raw::event_loop(env)?;
        let core = Core::new(fd, mode, DEFAULT_LIMIT);
        let link = Rc::new(Self {
            burst: Burst::new(event_loop, &core.sender()),
            core: RefCell::new(Some(core)),
            poll: RefCell::new(None),
            handler: RefCell::new(Some(Rc::new(Callback::new(
                env,
                handler,
                "RSCHILDPROCESSCHANNEL",
            )?))),
            inbox: RefCell::new(inbox),
            teardown: Cell::new(None),
            waiting_for: Cell::new(Readiness::default()),
        });
        match link.attach(env, event_loop) {
            Ok(()) => Ok(link),
            Err(error) => {
                link.shut_down();
                Err(error)
            }
        }
    }

    fn attach(self: &Rc<Self>, env: &Env, event_loop: Loop) -> napi::Result<()> {
        let link = Rc::clone(self);
        let on_ready = Box::new(move |readiness| link.ready(readiness));
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
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Core) -> T) -> Option<T> {
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
            let told = || self.tell_numbers(ChannelEvent::End, 0.0, 0.0);
            let _ = catch_unwind(AssertUnwindSafe(told));
            self.shut_down();
        }
    }

    fn serve(&self, readiness: Option<Readiness>) {
        self.burst.end();
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
        let Some((incoming, gone)) = self.with(|core| (core.receive(), core.count_gone())) else {
            return;
        };
        // Counted afterwards and told first: the callback of a message comes before the answer to it,
        // whichever thread has sent it.
        if gone > 0 {
            self.tell_numbers(ChannelEvent::Written, gone as f64, 0.0);
        }
        if let Some(batch) = incoming.batch {
            self.deliver(batch, &incoming.with_descriptor);
        }
        // The handler may have closed the channel; it has stopped reading itself otherwise.
        if self.core.borrow().is_none() {
            return;
        }
        match incoming.ending {
            Some(Ending::Closed) => self.tell_numbers(ChannelEvent::End, 0.0, 0.0),
            Some(Ending::TooLarge(passed)) => {
                self.tell_numbers(ChannelEvent::Error, passed.limit as f64, 0.0);
            }
            Some(Ending::Failed(errno)) => {
                let errno = convert::status::<()>(&Err(errno));
                self.tell_numbers(ChannelEvent::Error, f64::from(errno), 0.0);
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
        self.tell_numbers(ChannelEvent::Written, frames as f64, f64::from(errno));
    }

    fn deliver(&self, batch: Batch, owners: &[u32]) {
        match self.mode() {
            // The handler of what was told before has closed the channel.
            None => {}
            Some(Mode::Json) => self.deliver_lines(batch, owners),
            Some(Mode::Advanced) => self.deliver_bytes(batch, owners),
        }
    }

    fn deliver_bytes(&self, batch: Batch, owners: &[u32]) {
        let count = batch.len();
        if let Some(size) = self.post(&batch) {
            self.tell_frames(count, owners, |env| raw::number(env, size as f64));
            Core::recycle(batch);
        } else {
            self.tell_frames(count, owners, |env| {
                Ok(convert::buffer(env, batch.into_bytes())?.raw())
            });
        }
    }

    fn deliver_lines(&self, batch: Batch, owners: &[u32]) {
        let mut first = 0;
        while first < batch.len() {
            let lines = batch.lines(first);
            let end = first + lines.count;
            let owners: Vec<u32> = owners
                .iter()
                .filter(|&&index| (first..end).contains(&(index as usize)))
                .map(|index| index - first as u32)
                .collect();
            self.tell_frames(lines.count, &owners, |env| {
                Ok(convert::text(env, &lines.text)?.raw())
            });
            first = end;
        }
        Core::recycle(batch);
    }

    /// Puts a small batch into the inbox; returns its size.
    fn post(&self, batch: &Batch) -> Option<usize> {
        let bytes = batch.as_bytes();
        let mut inbox = self.inbox.borrow_mut();
        let place = inbox.as_mut()?.get_mut(..bytes.len())?;
        place.copy_from_slice(bytes);
        Some(bytes.len())
    }

    fn tell_frames(
        &self,
        count: usize,
        owners: &[u32],
        payload: impl FnOnce(&Env) -> napi::Result<napi::sys::napi_value>,
    ) {
        self.tell(ChannelEvent::Frames, |env| {
            let owners = if owners.is_empty() {
                raw::undefined(env)?
            } else {
                let numbers = owners
                    .iter()
                    .map(|index| raw::number(env, f64::from(*index)));
                raw::array(env, numbers)?
            };
            Ok([payload(env)?, raw::number(env, count as f64)?, owners])
        });
    }

    fn tell_numbers(&self, kind: ChannelEvent, payload: f64, extra: f64) {
        self.tell(kind, |env| {
            Ok([
                raw::number(env, payload)?,
                raw::number(env, extra)?,
                raw::undefined(env)?,
            ])
        });
    }

    /// Calls the handler. It may do anything with the channel meanwhile, closing it included.
    fn tell(
        &self,
        kind: ChannelEvent,
        arguments: impl FnOnce(&Env) -> napi::Result<[napi::sys::napi_value; 3]>,
    ) {
        let Some(handler) = self.handler.borrow().clone() else {
            return;
        };
        // An error means that no JavaScript runs any more: the environment is going down.
        let _ = handler.call(|env| -> napi::Result<Arguments> {
            let [payload, extra, owners] = arguments(env)?;
            let kind = raw::number(env, f64::from(kind as u32))?;
            Ok([kind, payload, extra, owners])
        });
    }

    /// Waits for what the channel wants next, or closes it if that is nothing.
    pub(super) fn wait(&self) {
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
        if let Some(core) = self.core.take() {
            // A worker that is terminated hears of no exit.
            core.sender().flush_held();
        }
        drop(self.handler.take());
        drop(self.inbox.take());
    }

    pub(super) fn is_referenced(&self) -> bool {
        self.poll.borrow().as_ref().is_some_and(Poll::is_referenced)
    }

    pub(super) fn set_referenced(&self, referenced: bool) {
        if let Some(poll) = &*self.poll.borrow() {
            poll.set_referenced(referenced);
        }
    }

    /// Sends what is held back, and holds nothing back any more.
    pub(super) fn hurry(&self) {
        self.burst.end_all();
        self.with(|core| core.sender().flush_held());
    }

    /// Sends a frame: a string in json mode, the first `size` bytes of a Buffer in advanced mode.
    /// Returns the bytes that are queued, see [`Taken::queued`].
    pub(super) fn write(
        &self,
        env: &Env,
        frame: Unknown<'_>,
        size: usize,
        fd: i32,
    ) -> napi::Result<Result<usize, Errno>> {
        let queued = match self.mode() {
            None => Err(Errno::EPIPE),
            Some(Mode::Json) => {
                let mut text = SCRATCH.take();
                text.clear();
                raw::append_text(env, frame, &mut text)?;
                text.push(b'\n');
                self.send(text, fd).map(|Taken { free, queued }| {
                    if let Some(text) = free.filter(|text| text.capacity() <= LARGEST_SCRATCH) {
                        SCRATCH.set(text);
                    }
                    queued
                })
            }
            Some(Mode::Advanced) => {
                let buffer = raw::buffer_argument(env, frame)?;
                self.send(BufferFrame { buffer, size, env }, fd)
                    .map(|taken| taken.queued)
            }
        };
        self.wait();
        Ok(queued)
    }

    fn send<F: Outgoing>(&self, frame: F, fd: i32) -> Result<Taken<F>, Errno> {
        let descriptor = raw::borrowed(fd);
        let holds = self.burst.goes_on() && descriptor.is_none();
        self.with(|core| {
            if holds {
                let taken = core.hold(frame);
                self.burst.held();
                Ok(taken)
            } else {
                core.send(frame, descriptor)
            }
        })
        .unwrap_or(Err(Errno::EPIPE))
    }
}

/// More memory than this is not kept for the next text.
const LARGEST_SCRATCH: usize = 4 << 20;

thread_local! {
    /// The memory of the last text that was sent, for the next one on any channel.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The beginning of a Buffer, on its way out.
struct BufferFrame<'call> {
    buffer: BufferSlice<'call>,
    size: usize,
    env: &'call Env,
}

impl AsRef<[u8]> for BufferFrame<'_> {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.size).unwrap_or(&self.buffer)
    }
}

impl Outgoing for BufferFrame<'_> {
    fn keep(self) -> Bytes {
        let bytes = self.as_ref();
        // Only a whole Buffer is known to stay as it is.
        let kept = if bytes.len() > SMALL && bytes.len() == self.buffer.len() {
            raw::keep_buffer(self.env, &self.buffer).ok()
        } else {
            None
        };
        kept.map_or_else(
            || Bytes::Owned(bytes.to_vec()),
            |buffer| Bytes::Shared(Box::new(buffer)),
        )
    }
}
