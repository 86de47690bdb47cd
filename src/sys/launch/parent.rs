//! The parent's side of a launch: the clone and the report.

use std::cell::OnceCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::Pid;

use super::child::{self, Orders, Report};
use super::stack::Stack;
use super::{Failure, Launched, Request, Step};
use crate::sys::fd;
use crate::sys::wait::{self, Target};

/// How children are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `clone(CLONE_VM | CLONE_VFORK)` on a stack of its own: its cost does not grow with the
    /// parent's memory.
    Vfork,
    /// A copy of the parent, with the report in a pipe: for uid and gid, and where memory cannot be
    /// shared (qemu-user, WSL1, sandboxes).
    Fork,
}

impl Method {
    /// The name by which it is reported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vfork => "vfork",
            Self::Fork => "fork",
        }
    }
}

/// The method in use: what `RS_CHILD_PROCESS_LAUNCH` (`vfork` or `fork`) asks for, else what works
/// here, found out once.
pub fn method() -> Method {
    static METHOD: OnceLock<Method> = OnceLock::new();
    *METHOD.get_or_init(
        || match std::env::var("RS_CHILD_PROCESS_LAUNCH").as_deref() {
            Ok("fork") => Method::Fork,
            Ok("vfork") => Method::Vfork,
            _ if memory_is_shared() => Method::Vfork,
            _ => Method::Fork,
        },
    )
}

/// Starts the program. On failure no child is left and every resource is released.
pub fn launch(request: &Request<'_>) -> Result<Launched, Failure> {
    // Changing credentials would make a shared image, so the parent itself, undumpable.
    let credentials = request.uid.is_some() || request.gid.is_some();
    let method = if credentials { Method::Fork } else { method() };

    let candidates = request.candidates.pointers();
    let argv = request.argv.pointers();
    let envp = request.envp.pointers();
    let mut script_argv = script_arguments(&argv);
    let mut slots = request.slots.to_vec();
    let mut orders = Orders {
        candidates: candidates.as_ptr(),
        argv: argv.as_ptr(),
        envp: envp.as_ptr(),
        script_argv: script_argv.as_mut_ptr(),
        cwd: request.cwd.map_or(ptr::null(), CStr::as_ptr),
        slot_count: RawFd::try_from(slots.len()).map_err(|_| Step::Stdio.failed(Errno::EINVAL))?,
        slots: slots.as_mut_ptr(),
        detached: request.detached,
        uid: request.uid,
        gid: request.gid,
        report_to: -1,
        report: Report::default(),
    };
    let (launched, report) = match method {
        Method::Vfork => launch_sharing(&mut orders)?,
        Method::Fork => launch_copying(&mut orders)?,
    };
    if report.errno == 0 {
        return Ok(launched);
    }
    // It has exited or is about to; nobody else knows of it.
    let _ = wait::reap(launched.target());
    Err(Step::from_child(report.step).failed(Errno::from_raw(report.errno)))
}

impl Launched {
    fn target(&self) -> Target<'_> {
        match &self.pidfd {
            Some(pidfd) => Target::Pidfd(pidfd.as_fd()),
            None => Target::Pid(self.pid),
        }
    }
}

/// `["/bin/sh", <left for the child>, argv[1], …, null]`
fn script_arguments(argv: &[*const c_char]) -> Vec<*const c_char> {
    let mut script = vec![c"/bin/sh".as_ptr(), ptr::null()];
    script.extend(argv.iter().skip(1));
    if argv.len() <= 1 {
        script.push(ptr::null());
    }
    script
}

fn launch_sharing(orders: &mut Orders) -> Result<(Launched, Report), Failure> {
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    let launched = clone_on_own_stack(flags, child::main, ptr::from_mut(orders).cast())
        .map_err(|errno| Step::Clone.failed(errno))?;
    // The child wrote it through a pointer the compiler has lost sight of.
    // SAFETY: `orders` is live, and the child has exec'd or exited: nobody writes any more.
    let report = unsafe { ptr::read_volatile(&raw const orders.report) };
    Ok((launched, report))
}

/// `clone(2)` with a child that runs `entry` on the calling thread's spare stack. With CLONE_VFORK it
/// returns when the child has exec'd or exited.
fn clone_on_own_stack(
    flags: c_int,
    entry: extern "C" fn(*mut c_void) -> c_int,
    argument: *mut c_void,
) -> Result<Launched, Errno> {
    thread_local! {
        static STACK: OnceCell<Stack> = const { OnceCell::new() };
    }
    STACK.with(|cell| {
        let stack = match cell.get() {
            Some(stack) => stack,
            None => {
                let _ = cell.set(Stack::new()?);
                cell.get().ok_or(Errno::ENOMEM)?
            }
        };
        let mut pidfd: RawFd = -1;
        let _blocked = BlockedSignals::new();
        // SAFETY: `entry` keeps to what may be done on shared memory (see `child`), its argument
        // outlives it, and the stack is ours alone until the child leaves it: this thread sleeps.
        let pid = unsafe { libc::clone(entry, stack.top(), flags, argument, &raw mut pidfd) };
        let pid = Pid::from_raw(Errno::result(pid)?);
        Ok(Launched {
            pid,
            pidfd: adopt_pidfd(pidfd),
        })
    })
}

fn launch_copying(orders: &mut Orders) -> Result<(Launched, Report), Failure> {
    let step = |errno| Step::Clone.failed(errno);
    let (reader, writer) = report_pipe(orders.slot_count).map_err(step)?;
    orders.report_to = writer.as_raw_fd();

    let mut pidfd: RawFd = -1;
    let blocked = BlockedSignals::new();
    // SAFETY: without CLONE_VM the child has a copy of everything; it runs only `child::main`, which
    // does not return. The stack argument 0 means: go on on the copy of this one.
    let result = unsafe {
        libc::syscall(
            libc::SYS_clone,
            libc::CLONE_PIDFD | libc::SIGCHLD,
            0,
            &raw mut pidfd,
            0,
            0,
        )
    };
    if result == 0 {
        child::main(ptr::from_mut(orders).cast());
    }
    drop(blocked);
    let pid = Errno::result(result).map_err(step)?;
    drop(writer);
    let launched = Launched {
        pid: Pid::from_raw(pid as libc::pid_t),
        pidfd: adopt_pidfd(pidfd),
    };
    Ok((launched, read_report(&reader)))
}

/// The write end stands above the child's own table, where nothing is put over it.
fn report_pipe(slot_count: RawFd) -> Result<(OwnedFd, OwnedFd), Errno> {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    let writer = fd::duplicate_above(writer.as_fd(), slot_count)?;
    Ok((reader, writer))
}

/// The end of the stream without a report is the exec: it closed the pipe.
fn read_report(reader: &OwnedFd) -> Report {
    let mut bytes = Vec::new();
    while let Ok(1..) = fd::read_appending(reader.as_fd(), &mut bytes, size_of::<Report>()) {}
    let number = |range| {
        let field: Option<[u8; 4]> = bytes
            .get(range)
            .and_then(|field: &[u8]| field.try_into().ok());
        field.map_or(0, i32::from_ne_bytes)
    };
    Report {
        step: number(0..4),
        errno: number(4..8),
    }
}

/// Kernels before 5.2 and some sandboxes ignore CLONE_PIDFD, so look whether it was written.
fn adopt_pidfd(number: RawFd) -> Option<OwnedFd> {
    // SAFETY: the kernel wrote the number of a descriptor it has just created.
    (number >= 0).then(|| unsafe { fd::adopt(number) })
}

/// Whether a child with CLONE_VM really runs in our memory while we wait for it. Sandboxes refuse the
/// flags, emulators turn them into a fork, whose report we would never see.
fn memory_is_shared() -> bool {
    extern "C" fn mark(flag: *mut c_void) -> c_int {
        // SAFETY: the flag outlives this child, and the parent sleeps meanwhile.
        unsafe { ptr::write_volatile(flag.cast::<c_int>(), 1) };
        0
    }

    let mut marked: c_int = 0;
    // No exit signal: the host must not hear of this child.
    let flags = libc::CLONE_VM | libc::CLONE_VFORK;
    let Ok(child) = clone_on_own_stack(flags, mark, (&raw mut marked).cast()) else {
        return false;
    };
    // SAFETY: `marked` is live, and the child has exited or has a copy of its own.
    let seen = unsafe { ptr::read_volatile(&raw const marked) };
    let mut status: c_int = 0;
    // SAFETY: `status` is writable; __WALL because a child without exit signal is waited for so.
    while unsafe { libc::waitpid(child.pid.as_raw(), &raw mut status, libc::__WALL) } == -1
        && Errno::last() == Errno::EINTR
    {}
    seen == 1
}

/// All signals blocked in this thread for as long as it lives: a handler must not run in the child
/// on shared memory. By raw call, since glibc's wrapper leaves out the signals it uses itself.
struct BlockedSignals {
    before: u64,
}

impl BlockedSignals {
    fn new() -> Self {
        Self {
            before: set_signal_mask(u64::MAX),
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        set_signal_mask(self.before);
    }
}

fn set_signal_mask(mask: u64) -> u64 {
    let mut before = 0u64;
    // SAFETY: both pointers are to 64-bit signal sets, the size passed last.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const mask,
            &raw mut before,
            size_of::<u64>(),
        )
    };
    before
}
