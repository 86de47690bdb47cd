//! Descriptors: creating pairs, reading into spare capacity, handing numbers over.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::socket::sockopt::SndBuf;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, getsockopt, setsockopt, socketpair};

/// Both ends of a child's standard stream: `.0` stays here (non-blocking), `.1` goes to the child
/// (blocking). Both are close-on-exec.
pub type Pair = (OwnedFd, OwnedFd);

/// A stream socket pair, what Node gives for `'pipe'`: both directions, `socketpair(2)`. It also carries
/// more than a pipe does (docs/performance.md).
pub fn socket_pair() -> Result<Pair, Errno> {
    let (ours, theirs) = socketpair(
        AddressFamily::Unix,
        SockType::Stream,
        None,
        SockFlag::SOCK_CLOEXEC,
    )?;
    set_nonblocking(ours.as_fd())?;
    Ok((ours, theirs))
}

/// Bytes that a channel's socket is asked to hold.
const CHANNEL_ROOM: usize = 1 << 20;

/// A socket pair for messages: one of a megabyte goes in while the other side still works on the one
/// before. As much as the system allows (`net.core.wmem_max`, `socket(7)`).
pub fn channel_pair() -> Result<Pair, Errno> {
    let pair = socket_pair()?;
    for end in [&pair.0, &pair.1] {
        // Without it large messages are only slower.
        if getsockopt(end, SndBuf).is_ok_and(|room| room < CHANNEL_ROOM) {
            let _ = setsockopt(end, SndBuf, &CHANNEL_ROOM);
        }
    }
    Ok(pair)
}

fn set_nonblocking(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).map(drop)
}

/// A close-on-exec duplicate whose number is at least `minimum`.
pub(crate) fn duplicate_above(fd: BorrowedFd<'_>, minimum: RawFd) -> Result<OwnedFd, Errno> {
    let number = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(minimum))?;
    // SAFETY: F_DUPFD_CLOEXEC returned a new descriptor that nobody else knows of.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Takes over a descriptor that the kernel has just created for the caller.
///
/// # Safety
/// `number` is open and has no other owner.
pub(crate) unsafe fn adopt(number: RawFd) -> OwnedFd {
    // SAFETY: the caller upholds that `number` is open and has no other owner.
    let fd = unsafe { OwnedFd::from_raw_fd(number) };
    debug_assert!(is_close_on_exec(fd.as_fd()), "{number} would be inherited");
    fd
}

fn is_close_on_exec(fd: BorrowedFd<'_>) -> bool {
    fcntl(fd, FcntlArg::F_GETFD)
        .is_ok_and(|flags| FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC))
}

/// One `read(2)` of at most `most` bytes into the vector's spare capacity, which grows to hold them.
/// Returns the number of bytes, 0 at the end of the stream. Interrupted reads are repeated.
pub fn read_appending(fd: BorrowedFd<'_>, into: &mut Vec<u8>, most: usize) -> Result<usize, Errno> {
    into.reserve(most);
    let spare = into.spare_capacity_mut();
    let length = spare.len().min(most);
    let start = spare.as_mut_ptr();
    loop {
        // SAFETY: `start` points to `length` writable bytes of the vector's spare capacity, and
        // nothing touches the vector during the call.
        let read = unsafe { libc::read(fd.as_raw_fd(), start.cast(), length) };
        match Errno::result(read) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(read) => {
                let read = read.unsigned_abs();
                // SAFETY: read(2) has initialised the first `read` bytes of the spare capacity.
                unsafe { into.set_len(into.len() + read) };
                return Ok(read);
            }
        }
    }
}

/// One `write(2)`. Interrupted writes are repeated. A broken pipe is `EPIPE`, never `SIGPIPE`:
/// Node ignores that signal in the whole process.
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
    loop {
        match nix::unistd::write(fd, bytes) {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_close_on_exec_and_only_our_end_does_not_block() {
        let (ours, theirs) = socket_pair().expect("a pair");
        for (fd, blocks) in [(&ours, false), (&theirs, true)] {
            assert!(is_close_on_exec(fd.as_fd()));
            let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL).expect("flags"));
            assert_eq!(flags.contains(OFlag::O_NONBLOCK), !blocks);
        }
    }

    #[test]
    fn a_channel_takes_more_than_a_pipe_where_that_is_allowed() {
        let room = |pair: Pair| {
            let kib = [0; 1024];
            let (ours, _theirs) = pair;
            std::iter::from_fn(|| write(ours.as_fd(), &kib).ok()).sum::<usize>()
        };
        let [pipe, channel] =
            [socket_pair(), channel_pair()].map(|pair| room(pair.expect("a pair")));
        // A container may hide the limits.
        let limit = |name: &str| -> Option<usize> {
            let text = std::fs::read_to_string(format!("/proc/sys/net/core/wmem_{name}")).ok()?;
            text.trim().parse().ok()
        };
        // The kernel doubles what is asked for, up to the limit.
        let is_allowed = limit("max")
            .zip(limit("default"))
            .is_some_and(|(max, default)| 2 * max.min(CHANNEL_ROOM) > default);
        assert!(channel > pipe || !is_allowed, "{channel} and {pipe}");
    }

    #[test]
    fn reading_appends_and_reports_the_end() {
        let (ours, theirs) = socket_pair().expect("a pair");
        let mut data = b"kept ".to_vec();
        assert_eq!(
            read_appending(ours.as_fd(), &mut data, 16),
            Err(Errno::EAGAIN)
        );
        write(theirs.as_fd(), b"and more").expect("room in the socket");
        assert_eq!(read_appending(ours.as_fd(), &mut data, 3), Ok(3));
        assert_eq!(read_appending(ours.as_fd(), &mut data, 16), Ok(5));
        assert_eq!(data, b"kept and more");
        drop(theirs);
        // A child that another test is starting has a copy of it until its exec.
        let end = loop {
            match read_appending(ours.as_fd(), &mut data, 16) {
                Err(Errno::EAGAIN) => std::thread::yield_now(),
                other => break other,
            }
        };
        assert_eq!(end, Ok(0));
    }
}
