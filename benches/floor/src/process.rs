//! Starting a process, waiting for one, and the pipes between.

use std::ffi::CString;
use std::fs::File;
use std::io::{Error, Read, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::null;

use libc::c_char;

/// A program and its arguments, ready for the call.
pub(crate) struct Command {
    strings: Vec<CString>,
    environment: Vec<CString>,
}

impl Command {
    pub(crate) fn new(words: &[&str]) -> Self {
        let environment = std::env::vars()
            .map(|(key, value)| c_string(&format!("{key}={value}")))
            .collect();
        Self {
            strings: words.iter().map(|word| c_string(word)).collect(),
            environment,
        }
    }

    pub(crate) fn with_variable(mut self, pair: &str) -> Self {
        self.environment.push(c_string(pair));
        self
    }

    /// Starts it; entry n of `stdio` becomes its descriptor n. Returns its id.
    pub(crate) fn spawn(&self, stdio: &[RawFd]) -> Result<libc::pid_t> {
        let arguments = pointers(&self.strings);
        let environment = pointers(&self.environment);
        let mut actions = MaybeUninit::uninit();
        let mut attributes = MaybeUninit::uninit();
        let mut signals = MaybeUninit::uninit();
        let mut pid = 0;
        // SAFETY: each object is initialised before it is used and destroyed after; the arrays end
        // with a null pointer and outlive the call.
        let error = unsafe {
            libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
            for (to, &from) in stdio.iter().enumerate() {
                libc::posix_spawn_file_actions_adddup2(actions.as_mut_ptr(), from, to as RawFd);
            }
            // As Node does for its children: default dispositions, nothing blocked.
            libc::posix_spawnattr_init(attributes.as_mut_ptr());
            libc::sigfillset(signals.as_mut_ptr());
            libc::posix_spawnattr_setsigdefault(attributes.as_mut_ptr(), signals.as_ptr());
            libc::sigemptyset(signals.as_mut_ptr());
            libc::posix_spawnattr_setsigmask(attributes.as_mut_ptr(), signals.as_ptr());
            let flags = libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETSIGMASK;
            libc::posix_spawnattr_setflags(attributes.as_mut_ptr(), flags as libc::c_short);
            let error = libc::posix_spawn(
                &mut pid,
                arguments[0],
                actions.as_ptr(),
                attributes.as_ptr(),
                arguments.as_ptr().cast::<*mut c_char>(),
                environment.as_ptr().cast::<*mut c_char>(),
            );
            libc::posix_spawnattr_destroy(attributes.as_mut_ptr());
            libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
            error
        };
        if error == 0 {
            Ok(pid)
        } else {
            Err(Error::from_raw_os_error(error))
        }
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text).expect("text of the task without null bytes")
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings
        .iter()
        .map(|string| string.as_ptr())
        .chain([null()])
        .collect()
}

/// Waits for one child, or with -1 for any; returns which.
pub(crate) fn wait(pid: libc::pid_t) -> Result<libc::pid_t> {
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    let ended = unsafe { libc::waitpid(pid, &mut status, 0) };
    match ended {
        -1 => Err(Error::last_os_error()),
        _ if status == 0 || libc::WIFSIGNALED(status) => Ok(ended),
        _ => Err(Error::other(format!("a child ended with status {status}"))),
    }
}

pub(crate) fn kill(pid: libc::pid_t) {
    // SAFETY: no memory is involved; the child has not been waited for, so the id is its own.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// The ends of a stream: the parent's and the child's.
pub(crate) struct Ends {
    pub(crate) parent: OwnedFd,
    pub(crate) child: OwnedFd,
}

fn ends(call: impl FnOnce(*mut RawFd) -> i32) -> Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    if call(fds.as_mut_ptr()) != 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: the call has just made both, and nobody else knows of them.
    Ok(unsafe { (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])) })
}

/// A pair of sockets, which is what a stream of `spawn()` is.
pub(crate) fn socketpair() -> Result<Ends> {
    // SAFETY: the pointer is to two descriptors.
    let (parent, child) = ends(|fds| unsafe {
        libc::socketpair(
            libc::AF_UNIX,
            libc::SOCK_STREAM | libc::SOCK_CLOEXEC,
            0,
            fds,
        )
    })?;
    Ok(Ends { parent, child })
}

/// A pipe from the child, or to it, with room for `capacity` bytes (0 = as the kernel has it).
pub(crate) fn pipe(to_child: bool, capacity: usize) -> Result<Ends> {
    // SAFETY: the pointer is to two descriptors.
    let (read, write) = ends(|fds| unsafe { libc::pipe2(fds, libc::O_CLOEXEC) })?;
    if capacity > 0 {
        // SAFETY: a descriptor of our own and a number.
        unsafe { libc::fcntl(read.as_raw_fd(), libc::F_SETPIPE_SZ, capacity) };
    }
    Ok(if to_child {
        Ends {
            parent: write,
            child: read,
        }
    } else {
        Ends {
            parent: read,
            child: write,
        }
    })
}

/// /dev/null, to read and to write.
pub(crate) fn null_device() -> Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}

/// Reads to the end.
pub(crate) fn drain(end: OwnedFd) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    File::from(end).read_to_end(&mut output)?;
    Ok(output)
}
