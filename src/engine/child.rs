//! One child: started, noticed, signalled, reaped exactly once.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::Pid;

use super::command::{Command, Slot};
use crate::sys::fd;
use crate::sys::launch::{self, Failure, Launched, Request, Step};
use crate::sys::wait::{self, Exit, Target};

/// How the end of a child is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitPath {
    /// By the pidfd that came with the clone.
    ClonePidfd,
    /// By a pidfd opened afterwards.
    PidfdOpen,
    /// By a thread that waits: no pidfd to be had.
    Thread,
}

impl WaitPath {
    /// The name by which it is reported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClonePidfd => "pidfd",
            Self::PidfdOpen => "pidfd_open",
            Self::Thread => "thread",
        }
    }
}

/// The path in use: what `RS_CHILD_PROCESS_WAIT` (`pidfd`, `pidfd_open` or `thread`) asks for, else
/// the best that works here. A child for which it fails gets the next.
pub fn wait_path() -> WaitPath {
    static PATH: OnceLock<WaitPath> = OnceLock::new();
    *PATH.get_or_init(|| match std::env::var("RS_CHILD_PROCESS_WAIT").as_deref() {
        Ok("thread") => WaitPath::Thread,
        Ok("pidfd_open") => WaitPath::PidfdOpen,
        Ok("pidfd") => WaitPath::ClonePidfd,
        _ if wait::pidfd_open(Pid::this()).is_ok() => WaitPath::ClonePidfd,
        _ => WaitPath::Thread,
    })
}

/// A running or ended child. Dropping one that is not reaped kills and reaps it: nothing that fails
/// after the launch can lose it.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Running(Watch),
    Reaped,
}

/// A descriptor that turns readable when the child has ended.
#[derive(Debug)]
enum Watch {
    Pidfd(OwnedFd),
    Thread(Arc<EventFd>),
}

/// The outcome of a launch: the child, or why there is none, and the parent ends of its pipes, which
/// exist either way unless the pipes themselves failed.
#[derive(Debug)]
pub struct Attempt {
    /// The child.
    pub child: Result<Child, Failure>,
    /// The parent end of each slot that is a pipe.
    pub parent_ends: Vec<Option<OwnedFd>>,
}

/// Starts a child. Pipes are socket pairs.
pub fn start(command: &Command) -> Attempt {
    let mut ours = Vec::with_capacity(command.stdio.len());
    let mut theirs = Vec::new();
    let mut table = Vec::with_capacity(command.stdio.len().max(3));
    for slot in &command.stdio {
        let pair = match *slot {
            Slot::Ignore | Slot::Inherit(_) => Ok(None),
            Slot::Pipe => fd::socket_pair().map(Some),
            Slot::Channel => fd::channel_pair().map(Some),
        };
        let pair = match pair {
            Ok(pair) => pair,
            Err(errno) => {
                return Attempt {
                    child: Err(Step::Pipe.failed(errno)),
                    parent_ends: Vec::new(),
                };
            }
        };
        table.push(match (slot, &pair) {
            (Slot::Inherit(number), _) => *number,
            (_, Some((_, their_end))) => their_end.as_raw_fd(),
            (_, None) => -1,
        });
        let (our_end, their_end) = pair.unzip();
        ours.push(our_end);
        theirs.extend(their_end);
    }
    table.resize(table.len().max(3), -1);

    let child = launch::launch(&Request {
        candidates: &command.candidates(),
        argv: &command.argv,
        envp: &command.envp,
        cwd: command.cwd.as_deref(),
        slots: &table,
        detached: command.detached,
        uid: command.uid,
        gid: command.gid,
    })
    .and_then(Child::adopt);
    Attempt {
        child,
        parent_ends: ours,
    }
}

impl Child {
    fn adopt(launched: Launched) -> Result<Self, Failure> {
        let Launched { pid, pidfd } = launched;
        let watch = match (wait_path(), pidfd) {
            (WaitPath::ClonePidfd, Some(pidfd)) => Ok(Watch::Pidfd(pidfd)),
            (WaitPath::Thread, _) => wait_in_thread(pid),
            _ => wait::pidfd_open(pid)
                .map(Watch::Pidfd)
                .or_else(|_| wait_in_thread(pid)),
        };
        watch
            .map(|watch| Self {
                pid,
                state: Mutex::new(State::Running(watch)),
            })
            .map_err(|errno| {
                let _ = wait::kill(Target::Pid(pid), libc::SIGKILL);
                let _ = wait::reap(Target::Pid(pid));
                Step::Supervise.failed(errno)
            })
    }

    /// The process number; after the end it may belong to another process.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Calls `register` with the descriptor that turns readable at the end; `None` when reaped. The
    /// descriptor is closed with the reaping.
    pub fn with_watch<T>(&self, register: impl FnOnce(BorrowedFd<'_>) -> T) -> Option<T> {
        match &*self.lock() {
            State::Running(watch) => Some(register(watch.as_fd())),
            State::Reaped => None,
        }
    }

    /// Reaps the child if it has ended. Readiness of the watch is a hint only: a traced child can be
    /// readable before its tracer lets go of it. `None` while it runs, and once it is reaped.
    pub fn try_reap(&self) -> Option<Exit> {
        let mut state = self.lock();
        let State::Running(watch) = &*state else {
            return None;
        };
        let exit = match wait::try_reap(watch.target(self.pid)) {
            // Linux 5.2 and 5.3 have pidfds, and no P_PIDFD.
            Err(Errno::EINVAL) => wait::try_reap(Target::Pid(self.pid)),
            result => result,
        };
        let exit = exit.unwrap_or(Some(Exit::Unknown))?;
        *state = State::Reaped;
        Some(exit)
    }

    /// Sends a signal. `ESRCH` once it is reaped; a process that took over the number is never hit,
    /// since reaping holds the same lock.
    pub fn kill(&self, signal: i32) -> Result<(), Errno> {
        let state = self.lock();
        let State::Running(watch) = &*state else {
            return Err(Errno::ESRCH);
        };
        match wait::kill(watch.target(self.pid), signal) {
            Err(Errno::ENOSYS) => wait::kill(Target::Pid(self.pid), signal),
            result => result,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.kill(libc::SIGKILL).is_err() {
            return;
        }
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let State::Running(watch) = state {
            let _ = wait::reap(watch.target(self.pid));
            *state = State::Reaped;
        }
    }
}

impl Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Pidfd(pidfd) => pidfd.as_fd(),
            Self::Thread(event) => event.as_fd(),
        }
    }

    fn target(&self, pid: Pid) -> Target<'_> {
        match self {
            Self::Pidfd(pidfd) => Target::Pidfd(pidfd.as_fd()),
            Self::Thread(_) => Target::Pid(pid),
        }
    }
}

/// A thread that waits for the end without reaping, then writes to an eventfd.
fn wait_in_thread(pid: Pid) -> Result<Watch, Errno> {
    let event = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
    let event = Arc::new(event);
    let ended = Arc::clone(&event);
    std::thread::Builder::new()
        .name("rs-child-wait".to_owned())
        .stack_size(64 * 1024)
        .spawn(move || {
            wait::await_end(Target::Pid(pid));
            let _ = ended.write(1);
        })
        .map_err(|error| error.raw_os_error().map_or(Errno::EAGAIN, Errno::from_raw))?;
    Ok(Watch::Thread(event))
}
