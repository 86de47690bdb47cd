//! Noticing, reaping and signalling one process, by pidfd where there is one.
//!
//! Sources: `waitid(2)`, `pidfd_open(2)`, `pidfd_send_signal(2)`, the `PIDFD_GET_INFO` ioctl.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::unistd::Pid;

use super::fd;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this code, 0–255.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It is gone, and somebody else has taken its status (`ECHILD`): a foreign `waitpid(-1)`, or
    /// `SIGCHLD` set to be ignored.
    Unknown,
}

/// Whom to wait for or signal.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A descriptor: never means another process.
    Pidfd(BorrowedFd<'a>),
    /// A number: the caller sees to it that the process is not yet reaped.
    Pid(Pid),
}

/// Reaps the process if it has ended; `None` while it runs.
pub fn try_reap(target: Target<'_>) -> Result<Option<Exit>, Errno> {
    wait(target, libc::WEXITED | libc::WNOHANG)
}

/// Reaps the process, waiting for its end.
pub fn reap(target: Target<'_>) -> Result<Exit, Errno> {
    wait(target, libc::WEXITED).map(|exit| exit.unwrap_or(Exit::Unknown))
}

/// Returns when the process has ended, and leaves its status to be reaped.
pub fn await_end(target: Target<'_>) {
    let _ = wait(target, libc::WEXITED | libc::WNOWAIT);
}

/// `waitid(2)`; `ECHILD` is an answer, not an error.
fn wait(target: Target<'_>, flags: i32) -> Result<Option<Exit>, Errno> {
    let (kind, number) = match target {
        Target::Pidfd(fd) => (libc::P_PIDFD, fd.as_raw_fd().cast_unsigned()),
        Target::Pid(pid) => (libc::P_PID, pid.as_raw().cast_unsigned()),
    };
    loop {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: `info` is a writable siginfo_t; the other arguments are plain numbers.
        let result = unsafe { libc::waitid(kind, number, info.as_mut_ptr(), flags) };
        match Errno::result(result) {
            Err(Errno::EINTR) => continue,
            Err(Errno::ECHILD) => return Ok(Some(status_of_reaped(target))),
            Err(errno) => return Err(errno),
            Ok(_) => {}
        }
        // SAFETY: all bytes were zeroed before the call, and zeroes are a valid siginfo_t.
        let info = unsafe { info.assume_init() };
        return Ok(ended(&info));
    }
}

/// With WNOHANG `si_pid` stays 0 while the process runs.
fn ended(info: &libc::siginfo_t) -> Option<Exit> {
    // SAFETY: after waitid(2) the siginfo_t is of the SIGCHLD kind, or zeroed; both have the field.
    let pid = unsafe { info.si_pid() };
    if pid == 0 {
        return None;
    }
    // SAFETY: as above.
    let status = unsafe { info.si_status() };
    Some(match info.si_code {
        libc::CLD_EXITED => Exit::Code(status),
        _ => Exit::Signal(status),
    })
}

/// Since Linux 6.15 a pidfd tells the exit status even after somebody else has reaped the process.
fn status_of_reaped(target: Target<'_>) -> Exit {
    /// `struct pidfd_info` in its first version, 64 bytes (linux/pidfd.h).
    #[repr(C)]
    struct PidfdInfo {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit_code: i32,
    }
    const PIDFD_INFO_EXIT: u64 = 1 << 3;
    /// `_IOWR(0xFF, 11, struct pidfd_info)`
    const PIDFD_GET_INFO: libc::c_ulong = 0xC040_FF0B;

    let Target::Pidfd(pidfd) = target else {
        return Exit::Unknown;
    };
    let mut info = PidfdInfo {
        mask: PIDFD_INFO_EXIT,
        cgroup: 0,
        ids: [0; 11],
        exit_code: 0,
    };
    // SAFETY: the request number carries the size of PidfdInfo, which is writable; kernels that do
    // not know the request answer ENOTTY.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO as _, &raw mut info) };
    if result != 0 || info.mask & PIDFD_INFO_EXIT == 0 {
        return Exit::Unknown;
    }
    if libc::WIFSIGNALED(info.exit_code) {
        Exit::Signal(libc::WTERMSIG(info.exit_code))
    } else {
        Exit::Code(libc::WEXITSTATUS(info.exit_code))
    }
}

/// Sends a signal; 0 only asks whether the process is there. Errors: `ESRCH`, `EPERM`, `EINVAL`.
pub fn kill(target: Target<'_>, signal: i32) -> Result<(), Errno> {
    let result = match target {
        // SAFETY: plain numbers and a null siginfo, which stands for the default one.
        Target::Pidfd(fd) => unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                fd.as_raw_fd(),
                signal,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        },
        // SAFETY: plain numbers.
        Target::Pid(pid) => unsafe { libc::kill(pid.as_raw(), signal) }.into(),
    };
    Errno::result(result).map(drop)
}

/// A pidfd for a child that is not yet reaped (`pidfd_open(2)`, Linux 5.3).
pub fn pidfd_open(pid: Pid) -> Result<OwnedFd, Errno> {
    // SAFETY: plain numbers.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let number = Errno::result(result)?;
    let number = i32::try_from(number).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just created this descriptor for us.
    Ok(unsafe { fd::adopt(number) })
}
