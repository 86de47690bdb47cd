//! The engine's thread: one per process, asleep in `epoll_wait(2)` until something happens to a child.
//!
//! Other threads never send it work: they register with the epoll set, the timer and the registry
//! themselves, so starting a child wakes nobody.

use std::collections::{BTreeSet, HashMap};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::event::{Reminded, Sink};
use super::process::{self, Process};

/// When a child whose watch was ready has not ended after all (it is traced), it is looked at again
/// after this time, in case its real end does not make the watch ready a second time.
const RECHECK: Duration = Duration::from_millis(20);

/// What an epoll event is about: a process number of ours in the high bits, below it 0 for the exit
/// or 1 + the index of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u64);

impl Token {
    const STREAM_BITS: u32 = 24;
    /// No process has the number 0.
    const TIMER: Self = Self(0);

    fn exit(process: u64) -> Self {
        Self(process << Self::STREAM_BITS)
    }

    pub(super) fn stream(process: u64, stream: usize) -> Self {
        Self(process << Self::STREAM_BITS | (stream as u64 + 1))
    }

    fn process(self) -> u64 {
        self.0 >> Self::STREAM_BITS
    }

    fn stream_index(self) -> Option<usize> {
        let low = self.0 & ((1 << Self::STREAM_BITS) - 1);
        usize::try_from(low).ok()?.checked_sub(1)
    }
}

/// The one that is running.
static CURRENT: Mutex<Option<Arc<Supervisor>>> = Mutex::new(None);

/// The engine's thread and what it watches.
#[derive(Debug)]
pub struct Supervisor {
    epoll: Epoll,
    timer: TimerFd,
    registry: Mutex<Registry>,
}

/// A descriptor in the epoll set. To be released, not dropped: a child between clone and exec has a copy
/// of it, which would keep it in the set after it is closed here, ready again and again with nobody to
/// answer.
#[derive(Debug)]
#[must_use]
pub(super) struct Watched {
    fd: OwnedFd,
    supervisor: Arc<Supervisor>,
}

#[derive(Debug, Default)]
struct Registry {
    processes: HashMap<u64, Arc<Process>>,
    reminders: HashMap<u64, Weak<dyn Reminded>>,
    /// When to look at a process, or to remind somebody.
    timers: BTreeSet<(Instant, u64)>,
}

/// Whose moment has come.
enum Due {
    Process(Instant, Arc<Process>),
    Reminder(Weak<dyn Reminded>),
}

impl Supervisor {
    /// The process's supervisor, started if there is none. Errors: no descriptor (`EMFILE`), no
    /// thread (`EAGAIN`).
    pub fn get() -> Result<Arc<Self>, Errno> {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(supervisor) = &*current {
            return Ok(Arc::clone(supervisor));
        }
        let started = Self::start()?;
        Ok(Arc::clone(current.insert(started)))
    }

    /// Closes the streams of the processes that report to this sink, whose user is gone, as those of
    /// an environment close with it. The processes run on and are reaped.
    pub fn orphan(sink: &Arc<dyn Sink>) {
        let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(supervisor) = current.clone() else {
            return;
        };
        drop(current);
        let orphans: Vec<_> = {
            let registry = supervisor.registry();
            let processes = registry.processes.values();
            processes
                .filter(|process| process.reports_to(sink))
                .cloned()
                .collect()
        };
        for process in orphans {
            process.orphan();
            supervisor.release_if_done(&process);
        }
    }

    fn start() -> Result<Arc<Self>, Errno> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let timer = TimerFd::new(
            ClockId::CLOCK_MONOTONIC,
            TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK,
        )?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, Token::TIMER.0))?;
        let supervisor = Arc::new(Self {
            epoll,
            timer,
            registry: Mutex::default(),
        });
        let thread = Arc::clone(&supervisor);
        with_signals_blocked(|| {
            std::thread::Builder::new()
                .name("rs-child-process".to_owned())
                .stack_size(512 * 1024)
                .spawn(move || thread.run())
                .map_err(|error| error.raw_os_error().map_or(Errno::EAGAIN, Errno::from_raw))
        })?;
        Ok(supervisor)
    }

    /// Takes over a running process until its exit is told.
    pub(super) fn adopt(&self, process: &Arc<Process>) -> Result<(), Errno> {
        let Some(child) = process.child() else {
            return Ok(());
        };
        self.register(process);
        // Edge-triggered: a child that is ready but not reapable must not keep the thread spinning.
        let event = EpollEvent::new(
            EpollFlags::EPOLLIN | EpollFlags::EPOLLET,
            Token::exit(process.id()).0,
        );
        let added = child
            .with_watch(|watch| self.epoll.add(watch, event))
            .unwrap_or(Ok(()));
        if added.is_err() {
            self.registry().processes.remove(&process.id());
        }
        added
    }

    /// Keeps a process as long as there is something to notice. Called after the watch was set, so
    /// that a removal in between sees it, or is undone here.
    pub(super) fn register(&self, process: &Arc<Process>) {
        let mut registry = self.registry();
        if process.is_watched() {
            registry.processes.insert(process.id(), Arc::clone(process));
        }
    }

    /// The process will be told when this moment has come.
    pub(super) fn add_deadline(&self, at: Instant, process: u64) {
        let mut registry = self.registry();
        registry.timers.insert((at, process));
        if registry.timers.first() == Some(&(at, process)) {
            self.arm(at);
        }
    }

    /// Reminds somebody once, unless they are gone by then.
    pub fn remind(&self, delay: Duration, whom: Weak<dyn Reminded>) {
        // The numbers of processes, so that timers need not know whose they are.
        let id = process::next_id();
        self.registry().reminders.insert(id, whom);
        self.add_deadline(Instant::now() + delay, id);
    }

    pub(super) fn remove_deadline(&self, at: Instant, process: u64) {
        self.registry().timers.remove(&(at, process));
    }

    fn arm(&self, at: Instant) {
        // A zero time would disarm the timer.
        let delay = at
            .saturating_duration_since(Instant::now())
            .max(Duration::from_nanos(1));
        let expiration = Expiration::OneShot(TimeSpec::from_duration(delay));
        let _ = self.timer.set(expiration, TimerSetTimeFlags::empty());
    }

    fn run(&self) {
        let mut events = [EpollEvent::empty(); 64];
        loop {
            let count = match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Ok(count) => count,
                Err(Errno::EINTR) => continue,
                Err(errno) => {
                    // The next spawn starts another.
                    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    return self.lose_all(errno);
                }
            };
            for event in events.iter().take(count) {
                let token = Token(event.data());
                // A defect of ours must not silence every child: those alive get an error, and the
                // thread goes on for those to come.
                if catch_unwind(AssertUnwindSafe(|| self.handle(token))).is_err() {
                    self.lose_all(Errno::EIO);
                }
            }
        }
    }

    fn handle(&self, token: Token) {
        if token == Token::TIMER {
            return self.on_timer();
        }
        // Events may be left of a process that is gone.
        let process = self.registry().processes.get(&token.process()).cloned();
        let Some(process) = process else {
            return;
        };
        match token.stream_index() {
            Some(stream) => process.on_stream_ready(stream),
            None => self.look_after(&process),
        }
        self.release_if_done(&process);
    }

    fn look_after(&self, process: &Arc<Process>) {
        if !process.on_exit_ready() {
            self.add_deadline(Instant::now() + RECHECK, process.id());
        }
    }

    fn release_if_done(&self, process: &Arc<Process>) {
        let mut registry = self.registry();
        // Looked at under the lock: see `register`.
        if !process.is_watched() {
            registry.processes.remove(&process.id());
        }
    }

    fn on_timer(&self) {
        let _ = self.timer.wait();
        while let Some(due) = self.next_due() {
            match due {
                Due::Process(at, process) => {
                    if !process.on_deadline(at) {
                        self.look_after(&process);
                    }
                    self.release_if_done(&process);
                }
                Due::Reminder(whom) => remind(&whom),
            }
        }
    }

    /// Takes the next moment that has come; sets the timer to the one after.
    fn next_due(&self) -> Option<Due> {
        let mut registry = self.registry();
        loop {
            let &(at, id) = registry.timers.first()?;
            if at > Instant::now() {
                self.arm(at);
                return None;
            }
            registry.timers.pop_first();
            if let Some(process) = registry.processes.get(&id) {
                return Some(Due::Process(at, Arc::clone(process)));
            }
            if let Some(whom) = registry.reminders.remove(&id) {
                return Some(Due::Reminder(whom));
            }
        }
    }

    fn lose_all(&self, errno: Errno) {
        let (lost, waiting): (Vec<_>, Vec<_>) = {
            let mut registry = self.registry();
            registry.timers.clear();
            let lost = registry.processes.drain().collect();
            (lost, registry.reminders.drain().collect())
        };
        for (_, process) in lost {
            process.on_lost(errno);
        }
        for (_, whom) in waiting {
            remind(&whom);
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Readiness to read comes as `token`. Errors: `ENOSPC`, `ENOMEM`; the descriptor is given back.
    pub(super) fn new(
        supervisor: &Arc<Supervisor>,
        fd: OwnedFd,
        token: Token,
    ) -> Result<Self, (OwnedFd, Errno)> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token.0);
        match supervisor.epoll.add(&fd, event) {
            Ok(()) => Ok(Self {
                fd,
                supervisor: Arc::clone(supervisor),
            }),
            Err(errno) => Err((fd, errno)),
        }
    }

    /// Takes it out of the set.
    pub(super) fn release(self) -> OwnedFd {
        let _ = self.supervisor.epoll.delete(&self.fd);
        self.fd
    }
}

impl AsFd for Watched {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn remind(whom: &Weak<dyn Reminded>) {
    if let Some(whom) = whom.upgrade() {
        whom.remind();
    }
}

/// The host's handlers run on the host's threads: ours inherits a full mask.
fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
    let result = start();
    if let Ok(before) = before {
        let _ = before.thread_set_mask();
    }
    result
}
