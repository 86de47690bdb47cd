//! Starting a program: `clone(2)`, the work between it and `execve(2)`, and the report of what failed.
//!
//! Everything that can fail outside the child is done before the clone. In the child (see [`child`])
//! there are only raw system calls on memory that was prepared here.

mod child;
mod parent;
mod stack;

use std::ffi::CStr;
use std::os::fd::{OwnedFd, RawFd};

use nix::errno::Errno;
use nix::unistd::Pid;

use super::environ::CStrings;

pub use parent::{Method, launch, method};

/// A program to start, everything resolved: nothing is looked up or allocated in the child.
pub struct Request<'a> {
    /// Paths to try in order, as `execvp(3)` tries the directories of PATH.
    pub candidates: &'a CStrings,
    /// The arguments, `argv[0]` included.
    pub argv: &'a CStrings,
    /// The environment.
    pub envp: &'a CStrings,
    /// The directory to change to first.
    pub cwd: Option<&'a CStr>,
    /// For each descriptor of the child the one of ours it gets, or -1: `/dev/null` for 0–2, closed
    /// above. A number that is not open fails with `EBADF`. At least three entries.
    pub slots: &'a [RawFd],
    /// Become a session leader (`setsid(2)`).
    pub detached: bool,
    /// User to become; supplementary groups are dropped.
    pub uid: Option<u32>,
    /// Group to become; supplementary groups are dropped.
    pub gid: Option<u32>,
}

/// A process that has been started, or has at least been given its image.
#[derive(Debug)]
pub struct Launched {
    /// Its number, valid until it is reaped.
    pub pid: Pid,
    /// Its pidfd, where the kernel gave one with the clone.
    pub pidfd: Option<OwnedFd>,
}

/// A launch that failed. No child is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub step: Step,
    /// Why it failed.
    pub errno: Errno,
}

/// The steps of a launch, in their order. The numbers cross from the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Step {
    /// Getting the supervisor ready, or handing the child to it.
    Supervise = 1,
    /// Creating the pipes.
    Pipe,
    /// `clone(2)`.
    Clone,
    /// Placing the descriptors.
    Stdio,
    /// `chdir(2)` to the requested directory.
    Chdir,
    /// `setgid(2)`.
    Setgid,
    /// `setuid(2)`.
    Setuid,
    /// `execve(2)`.
    Exec,
}

impl Step {
    /// The name that stands in `error.step`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supervise => "supervise",
            Self::Pipe => "pipe",
            Self::Clone => "clone",
            Self::Stdio => "stdio",
            Self::Chdir => "chdir",
            Self::Setgid => "setgid",
            Self::Setuid => "setuid",
            Self::Exec => "exec",
        }
    }

    /// Adds the reason.
    pub const fn failed(self, errno: Errno) -> Failure {
        Failure { step: self, errno }
    }

    const fn from_child(number: i32) -> Self {
        match number {
            n if n == Self::Stdio as i32 => Self::Stdio,
            n if n == Self::Chdir as i32 => Self::Chdir,
            n if n == Self::Setgid as i32 => Self::Setgid,
            n if n == Self::Setuid as i32 => Self::Setuid,
            _ => Self::Exec,
        }
    }
}

#[cfg(test)]
mod tests;
