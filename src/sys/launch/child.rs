//! What the child does between clone and exec.
//!
//! It may share the parent's memory, and other threads of the parent run on. So: raw system calls
//! only; no allocation, no lock, no panic, no libc function that talks to other threads. What it
//! writes is confined to its [`Orders`].

use std::ffi::{c_char, c_void};
use std::os::fd::RawFd;

use libc::{c_int, c_long};

use super::Step;

/// The last signal number on Linux; the kernel's signal sets have 64 bits.
const SIGNALS: c_int = 64;
const SIGSET_BYTES: usize = 8;
/// `struct sigaction` of the kernel is at most this large.
const SIGACTION_WORDS: usize = 4;
const CLOSE_RANGE_CLOEXEC: c_int = 1 << 2;
const FAILED: c_int = 127;

/// Everything the child needs, and where it reports. All pointers stay valid until the parent has
/// seen the child exec or exit; arrays of strings end with a null pointer.
pub(super) struct Orders {
    pub(super) candidates: *const *const c_char,
    pub(super) argv: *const *const c_char,
    pub(super) envp: *const *const c_char,
    /// `["/bin/sh", <the candidate>, argv[1], …]` for a script without `#!`; the child fills in [1].
    pub(super) script_argv: *mut *const c_char,
    /// Null: stay.
    pub(super) cwd: *const c_char,
    /// The child renumbers these in place.
    pub(super) slots: *mut RawFd,
    pub(super) slot_count: RawFd,
    pub(super) detached: bool,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    /// Where the report is written when memory is not shared, or -1.
    pub(super) report_to: RawFd,
    pub(super) report: Report,
}

/// What went wrong; all zero when nothing did.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Report {
    pub(super) step: c_int,
    pub(super) errno: c_int,
}

/// The errno of a failed call.
type Outcome = Result<c_long, c_int>;

macro_rules! syscall {
    ($name:ident $(, $argument:expr)* $(,)?) => {
        // SAFETY: `Orders` upholds that every pointer in it is valid, and the rest are numbers and
        // buffers on the child's own stack.
        outcome(unsafe { libc::syscall(libc::$name $(, $argument)*) })
    };
}

fn outcome(result: c_long) -> Outcome {
    if result == -1 {
        // SAFETY: it takes nothing and always answers.
        let errno = unsafe { libc::__errno_location() };
        // SAFETY: errno is a variable of the calling thread. With shared memory that is the parent's
        // thread, which sleeps until the child has its own image.
        Err(unsafe { *errno })
    } else {
        Ok(result)
    }
}

/// The child's entry. Does not return: it ends in exec or exit.
pub(super) extern "C" fn main(orders: *mut c_void) -> c_int {
    // SAFETY: the parent passes a pointer to its `Orders`, and does not touch them before the child
    // has exec'd or exited (CLONE_VFORK), or has a copy of its own (fork).
    let orders = unsafe { &mut *orders.cast::<Orders>() };
    let (step, errno) = run(orders);
    orders.report = Report {
        step: step as c_int,
        errno,
    };
    if orders.report_to >= 0 {
        let _ = syscall!(
            SYS_write,
            orders.report_to,
            &raw const orders.report,
            size_of::<Report>(),
        );
    }
    let _ = syscall!(SYS_exit_group, FAILED);
    FAILED
}

/// Runs the steps in their order; returns only the one that failed.
fn run(orders: &mut Orders) -> (Step, c_int) {
    default_dispositions();
    if orders.detached {
        // It cannot fail: the child leads no process group yet.
        let _ = syscall!(SYS_setsid);
    }
    if let Err(errno) = place_descriptors(orders) {
        return (Step::Stdio, errno);
    }
    if !orders.cwd.is_null()
        && let Err(errno) = syscall!(SYS_chdir, orders.cwd)
    {
        return (Step::Chdir, errno);
    }
    if orders.uid.is_some() || orders.gid.is_some() {
        // Refused without privileges, and then there is nothing to drop: libuv does not check either.
        let _ = syscall!(SYS_setgroups, 0, std::ptr::null::<u32>());
    }
    if let Some(gid) = orders.gid
        && let Err(errno) = syscall!(SYS_setgid, gid)
    {
        return (Step::Setgid, errno);
    }
    if let Some(uid) = orders.uid
        && let Err(errno) = syscall!(SYS_setuid, uid)
    {
        return (Step::Setuid, errno);
    }
    close_on_exec_from(orders.slot_count);
    unblock_signals();
    (Step::Exec, execute(orders))
}

/// Handlers must not run in the child, whose memory may be the parent's; and a child starts with
/// every signal at its default, as under libuv. Signals are still blocked here.
fn default_dispositions() {
    let default = [0usize; SIGACTION_WORDS];
    for signal in 1..=SIGNALS {
        // Fails for SIGKILL and SIGSTOP, which need no reset.
        let _ = syscall!(
            SYS_rt_sigaction,
            signal,
            default.as_ptr(),
            std::ptr::null_mut::<c_void>(),
            SIGSET_BYTES,
        );
    }
}

fn unblock_signals() {
    let none = 0u64;
    let _ = syscall!(
        SYS_rt_sigprocmask,
        libc::SIG_SETMASK,
        &raw const none,
        std::ptr::null_mut::<u64>(),
        SIGSET_BYTES,
    );
}

/// Gives each slot its descriptor. Sources that stand where another slot belongs are first moved
/// out of the way, so that swapped and overlapping tables come out right.
fn place_descriptors(orders: &mut Orders) -> Result<(), c_int> {
    let count = orders.slot_count;
    for slot in 0..count {
        let source = slot_source(orders, slot);
        if (0..count).contains(&source) && source != slot {
            let moved = syscall!(SYS_fcntl, source, libc::F_DUPFD_CLOEXEC, count)?;
            set_slot_source(orders, slot, moved as RawFd);
        }
    }
    for slot in 0..count {
        match slot_source(orders, slot) {
            source if source >= 0 => place(source, slot)?,
            _ if slot <= 2 => place_null(slot)?,
            _ => {
                let _ = syscall!(SYS_close, slot);
            }
        }
    }
    Ok(())
}

fn slot_source(orders: &Orders, slot: RawFd) -> RawFd {
    // SAFETY: `slots` has `slot_count` elements, and `slot` counts up to that.
    let element = unsafe { orders.slots.offset(slot as isize) };
    // SAFETY: as above.
    unsafe { *element }
}

fn set_slot_source(orders: &mut Orders, slot: RawFd, source: RawFd) {
    // SAFETY: `slots` has `slot_count` elements, and `slot` counts up to that.
    let element = unsafe { orders.slots.offset(slot as isize) };
    // SAFETY: as above; the parent does not read the elements again.
    unsafe { *element = source };
}

fn place(source: RawFd, slot: RawFd) -> Result<(), c_int> {
    if source == slot {
        // dup2(n, n) would keep close-on-exec.
        syscall!(SYS_fcntl, slot, libc::F_SETFD, 0)?;
    } else {
        syscall!(SYS_dup3, source, slot, 0)?;
    }
    if slot <= 2 {
        make_blocking(slot);
    }
    Ok(())
}

/// Programs expect to block on their standard streams; a descriptor that came from an event loop
/// does not.
fn make_blocking(fd: RawFd) {
    if let Ok(flags) = syscall!(SYS_fcntl, fd, libc::F_GETFL) {
        let blocking = flags & !c_long::from(libc::O_NONBLOCK);
        if blocking != flags {
            let _ = syscall!(SYS_fcntl, fd, libc::F_SETFL, blocking);
        }
    }
}

fn place_null(slot: RawFd) -> Result<(), c_int> {
    let access = if slot == 0 {
        libc::O_RDONLY
    } else {
        libc::O_RDWR
    };
    // Freed first: then even a full descriptor table has room for it.
    let _ = syscall!(SYS_close, slot);
    let null = syscall!(
        SYS_openat,
        libc::AT_FDCWD,
        c"/dev/null".as_ptr(),
        access | libc::O_CLOEXEC,
    )? as RawFd;
    place(null, slot)?;
    if null != slot {
        let _ = syscall!(SYS_close, null);
    }
    Ok(())
}

/// Whatever stands above the table stays here, also what others opened without close-on-exec.
fn close_on_exec_from(first: RawFd) {
    if syscall!(SYS_close_range, first, u32::MAX, CLOSE_RANGE_CLOEXEC).is_err() {
        close_on_exec_by_listing(first);
    }
}

/// For kernels before 5.11: walks /proc/self/fd with `getdents64(2)`.
fn close_on_exec_by_listing(first: RawFd) {
    /// `struct linux_dirent64`: d_ino, d_off, d_reclen at 16, d_type, d_name at 19.
    const RECLEN: usize = 16;
    const NAME: usize = 19;

    let Ok(list) = syscall!(
        SYS_openat,
        libc::AT_FDCWD,
        c"/proc/self/fd".as_ptr(),
        libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC,
    ) else {
        return;
    };
    let mut buffer = [0u64; 128];
    let length = size_of_val(&buffer);
    while let Ok(filled @ 1..) = syscall!(SYS_getdents64, list, buffer.as_mut_ptr(), length) {
        let mut entry = 0usize;
        while entry + NAME < filled as usize {
            let at = |offset: usize| {
                // SAFETY: the kernel filled `filled` bytes with whole records, and offsets stay
                // within the record, whose name ends with NUL.
                let byte = unsafe { buffer.as_ptr().cast::<u8>().add(entry + offset) };
                // SAFETY: as above.
                unsafe { *byte }
            };
            let number = parse(|index| at(NAME + index));
            if number >= first {
                let _ = syscall!(SYS_fcntl, number, libc::F_SETFD, libc::FD_CLOEXEC);
            }
            entry += usize::from(u16::from_ne_bytes([at(RECLEN), at(RECLEN + 1)]));
        }
    }
    let _ = syscall!(SYS_close, list);
}

/// A decimal number up to the first other byte; -1 when there is none (`.` and `..`).
fn parse(byte: impl Fn(usize) -> u8) -> RawFd {
    let mut number: RawFd = -1;
    let mut index = 0;
    loop {
        let digit = byte(index).wrapping_sub(b'0');
        if digit > 9 {
            return number;
        }
        number = number
            .max(0)
            .wrapping_mul(10)
            .wrapping_add(RawFd::from(digit));
        index = index.wrapping_add(1);
    }
}

/// Tries the candidates as `execvp(3)` does. Returns only when none could be executed.
fn execute(orders: &mut Orders) -> c_int {
    let mut denied = false;
    let mut last = libc::ENOENT;
    let mut candidate = orders.candidates;
    loop {
        // SAFETY: the list ends with a null pointer, where the loop stops.
        let path = unsafe { *candidate };
        if path.is_null() {
            return if denied { libc::EACCES } else { last };
        }
        last = execve(orders, path);
        match last {
            libc::EACCES => denied = true,
            libc::ENOENT | libc::ENOTDIR | libc::ESTALE | libc::ENODEV | libc::ETIMEDOUT => {}
            errno => return errno,
        }
        // SAFETY: `*candidate` was not the terminating null, so there is a next element.
        candidate = unsafe { candidate.add(1) };
    }
}

fn execve(orders: &mut Orders, path: *const c_char) -> c_int {
    let errno = match syscall!(SYS_execve, path, orders.argv, orders.envp) {
        Err(errno) => errno,
        Ok(_) => 0,
    };
    if errno != libc::ENOEXEC {
        return errno;
    }
    // A text without `#!` is a shell script.
    // SAFETY: the parent made room for at least the shell and the script.
    let script = unsafe { orders.script_argv.add(1) };
    // SAFETY: as above; nobody else reads it before exec.
    unsafe { *script = path };
    match syscall!(
        SYS_execve,
        c"/bin/sh".as_ptr(),
        orders.script_argv,
        orders.envp
    ) {
        Err(errno) => errno,
        Ok(_) => 0,
    }
}
