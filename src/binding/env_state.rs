//! What the addon keeps for each JavaScript environment (the main thread, each worker): the inbox its
//! events wait in, the doorbell that says so, and what keeps its event loop alive.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Env, FnArgs, Function, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use super::convert::status;
use crate::engine::Exit;
use crate::engine::event::{self, Event, Sink};
use crate::engine::supervisor::Supervisor;

/// The second argument of the dispatch function: what happened.
#[napi]
pub enum EventKind {
    /// It ended; `a`: exit code or -1, `b`: signal or 0, `streams`: those that have ended with it, a bit
    /// each.
    Exit = 0,
    /// Its deadline passed and it was killed; `a`: 0 or the negative errno of the kill.
    Deadline = 1,
    /// A collected stream passed its limit and the child was killed; `a`: the stream, `b`: as above.
    Overflow = 2,
    /// A collected or drained stream ended; `a`: the stream.
    StreamEnd = 3,
    /// Supervision failed; `a`: negative errno. No Exit will follow.
    Lost = 4,
}

type DispatchArgs = FnArgs<(f64, i32, i32, i32, u32)>;
type Doorbell = ThreadsafeFunction<(), Unknown<'static>, DispatchArgs, napi::Status, false, true>;

/// Connects this environment: from now on `dispatch(id, kind, a, b, streams)` is called for every event
/// of the children it starts, each time in a callback scope of its own.
#[napi(
    catch_unwind,
    ts_args_type = "dispatch: (id: number, kind: number, a: number, b: number, streams: number) => void"
)]
pub fn connect(
    env: &Env,
    dispatch: Function<'_, DispatchArgs, Unknown<'static>>,
) -> napi::Result<()> {
    let state = Rc::new(EnvState::default());
    let reader = Rc::clone(&state);
    let bell = dispatch
        .build_threadsafe_function::<()>()
        .weak::<true>()
        .build_callback(move |context| {
            let next = AssertUnwindSafe(|| reader.next_call(&context.env));
            Ok(catch_unwind(next).unwrap_or_else(|_| nothing()))
        })?;
    state.inbox.lock().bell = Some(bell);
    env.add_env_cleanup_hook(Rc::clone(&state), |state| state.close())?;
    env.set_instance_data(state, (), |_| ())
}

/// One environment's state. It lives on the environment's thread.
#[derive(Default)]
pub(super) struct EnvState {
    inbox: Arc<Inbox>,
    /// What keeps the loop alive.
    holds: RefCell<HashSet<Hold>>,
    /// The children whose end JavaScript has not been told: for it they run, whatever the engine
    /// knows by now.
    running: RefCell<HashSet<u64>>,
}

/// A reason for the event loop to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Hold {
    /// A child that is not unref'd.
    Child(u64),
    /// A stream of a child that the engine reads to its end.
    Stream(u64, usize),
}

impl EnvState {
    /// The state of the environment that is running. Errors if `connect` was not called.
    pub(super) fn of(env: &Env) -> napi::Result<Rc<Self>> {
        let state: Option<&mut Rc<Self>> = env.get_instance_data()?;
        state
            .map(|state| Rc::clone(state))
            .ok_or_else(|| napi::Error::from_reason("connect() was not called"))
    }

    /// Where the engine delivers this environment's events.
    pub(super) fn sink(&self) -> Arc<dyn Sink> {
        Arc::<Inbox>::clone(&self.inbox)
    }

    /// Keeps the event loop alive until this hold is released.
    pub(super) fn hold(&self, env: &Env, hold: Hold) -> napi::Result<()> {
        let mut holds = self.holds.borrow_mut();
        if holds.insert(hold) && holds.len() == 1 {
            self.inbox.keep_loop_alive(env, true)?;
        }
        Ok(())
    }

    /// Releases a hold, if there is one.
    pub(super) fn release(&self, env: &Env, hold: Hold) -> napi::Result<()> {
        let mut holds = self.holds.borrow_mut();
        if holds.remove(&hold) && holds.is_empty() {
            self.inbox.keep_loop_alive(env, false)?;
        }
        Ok(())
    }

    pub(super) fn has(&self, hold: Hold) -> bool {
        self.holds.borrow().contains(&hold)
    }

    /// A child was started; it keeps the loop alive.
    pub(super) fn started(&self, env: &Env, child: u64) -> napi::Result<()> {
        self.running.borrow_mut().insert(child);
        self.hold(env, Hold::Child(child))
    }

    /// Whether a child's end is still to be told.
    pub(super) fn is_running(&self, child: u64) -> bool {
        self.running.borrow().contains(&child)
    }

    /// The environment is going down. Its children go on, without streams to it.
    fn close(&self) {
        self.inbox.close();
        Supervisor::orphan(&self.sink());
    }

    /// The arguments of the dispatch call that the bell announced. One event a call: ticks and
    /// microtasks run in between, and a listener that throws harms no other event.
    fn next_call(&self, env: &Env) -> DispatchArgs {
        let Some(event) = self.inbox.next() else {
            return nothing();
        };
        let id = event.process.id();
        let mut streams = 0;
        let (hold, kind, a, b) = match event.kind {
            event::EventKind::Exit(exit) => {
                let (code, signal) = match exit {
                    Exit::Code(code) => (code, 0),
                    Exit::Signal(signal) => (-1, signal),
                    Exit::Unknown => (-1, 0),
                };
                for stream in self.inbox.ends_of(id) {
                    let _ = self.release(env, Hold::Stream(id, stream));
                    streams |= 1 << stream;
                }
                (Some(Hold::Child(id)), EventKind::Exit, code, signal)
            }
            event::EventKind::Lost(errno) => {
                let errno = status::<()>(&Err(errno));
                (Some(Hold::Child(id)), EventKind::Lost, errno, 0)
            }
            event::EventKind::StreamEnd { stream } => (
                Some(Hold::Stream(id, stream)),
                EventKind::StreamEnd,
                stream as i32,
                0,
            ),
            event::EventKind::Overflow { stream, kill } => {
                (None, EventKind::Overflow, stream as i32, status(&kill))
            }
            event::EventKind::Deadline(kill) => (None, EventKind::Deadline, status(&kill), 0),
        };
        if hold == Some(Hold::Child(id)) {
            self.running.borrow_mut().remove(&id);
        }
        if let Some(hold) = hold {
            // It fails only in an environment that is going down, whose loop needs no holding.
            let _ = self.release(env, hold);
        }
        // Ids are counted up from 1: doubles hold them exactly for longer than machines live.
        FnArgs::from((id as f64, kind as i32, a, b, streams))
    }
}

/// A call about no process, which JavaScript passes over.
fn nothing() -> DispatchArgs {
    FnArgs::from((0.0, 0, 0, 0, 0))
}

/// Events on their way from the engine's thread to an environment's.
#[derive(Default)]
struct Inbox(Mutex<Mail>);

#[derive(Default)]
struct Mail {
    events: VecDeque<Event>,
    /// The bell was rung and not yet answered.
    rung: bool,
    /// Gone when the environment is: its children are orphans then, reaped all the same.
    bell: Option<Doorbell>,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first event; the bell is rung again for those behind it.
    fn next(&self) -> Option<Event> {
        let mut mail = self.lock();
        mail.rung = false;
        let event = mail.events.pop_front();
        mail.ring();
        event
    }

    /// Takes the ends of streams that come next and are this process's: they need no call of their own.
    /// As many streams as there are bits to tell them by; what children have above is told by itself.
    fn ends_of(&self, process: u64) -> Vec<usize> {
        let mut mail = self.lock();
        let mut ends = Vec::new();
        while let Some(Event {
            process: next,
            kind,
        }) = mail.events.front()
            && next.id() == process
            && let event::EventKind::StreamEnd { stream } = *kind
            && stream < u32::BITS as usize
        {
            ends.push(stream);
            mail.events.pop_front();
        }
        ends
    }

    #[expect(
        deprecated,
        reason = "only the deprecated methods change an existing bell"
    )]
    fn keep_loop_alive(&self, env: &Env, alive: bool) -> napi::Result<()> {
        match &mut self.lock().bell {
            Some(bell) if alive => bell.refer(env),
            Some(bell) => bell.unref(env),
            None => Ok(()),
        }
    }

    /// Nothing is delivered from here on. Idempotent.
    fn close(&self) {
        let mut mail = self.lock();
        let closed = (mail.bell.take(), std::mem::take(&mut mail.events));
        // What hangs on them is released without the lock.
        drop(mail);
        drop(closed);
    }
}

impl Mail {
    fn ring(&mut self) {
        if self.rung || self.events.is_empty() {
            return;
        }
        if let Some(bell) = &self.bell {
            // It is refused only when the environment is going down.
            bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
            self.rung = true;
        }
    }
}

impl Sink for Inbox {
    fn deliver(&self, events: &mut dyn Iterator<Item = Event>) {
        let mut mail = self.lock();
        if mail.bell.is_some() {
            mail.events.extend(events);
            mail.ring();
        }
    }
}
