//! Bytes with a descriptor beside them, over a stream socket: `unix(7)`, `SCM_RIGHTS`.

use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::SockType as SocketType;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrLike, SockaddrStorage, getsockname, getsockopt,
    socket,
};

use super::fd::adopt;

/// Descriptors that one control message may bring. The protocol passes one at a time; the kernel
/// closes what does not fit.
const CONTROL_DESCRIPTORS: usize = 4;
const CONTROL_BYTES: usize = 64;

/// Storage of a control message, aligned as `cmsghdr` wants it.
#[repr(C)]
union Control {
    _align: libc::cmsghdr,
    bytes: [u8; CONTROL_BYTES],
}

/// The descriptor that came beside the bytes of one read.
#[derive(Debug)]
pub enum Passed {
    /// None was sent.
    Nothing,
    /// One was sent and could not be received (`MSG_CTRUNC`: this process has no number free).
    Lost,
    /// This one.
    Descriptor(OwnedFd),
}

/// What a descriptor is, as far as a JavaScript object can be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// Nothing that has a handle class: a file, a terminal, a pipe(7) …
    Other = 0,
    /// A stream socket over IPv4 or IPv6.
    Tcp = 1,
    /// A stream socket in the Unix domain.
    Pipe = 2,
    /// A datagram socket over IPv4 or IPv6.
    Udp = 3,
}

fn message(iov: &mut libc::iovec, control: &mut Control, control_length: usize) -> libc::msghdr {
    // SAFETY: msghdr is plain data for which all zeros is valid (no name, no vectors).
    let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    header.msg_iov = iov;
    header.msg_iovlen = 1;
    header.msg_control = (&raw mut *control).cast();
    header.msg_controllen = control_length as _;
    header
}

/// One `recvmsg(2)` into the vector's spare capacity. Returns the number of bytes, 0 at the end of
/// the stream, and the descriptor that came with them; the bytes of one read never reach past a
/// message with a descriptor. Descriptors are close-on-exec; if more than one comes in a message the
/// first is kept. Interrupted calls are repeated.
pub fn receive(socket: BorrowedFd<'_>, into: &mut Vec<u8>) -> Result<(usize, Passed), Errno> {
    let spare = into.spare_capacity_mut();
    let mut iov = libc::iovec {
        iov_base: spare.as_mut_ptr().cast(),
        iov_len: spare.len(),
    };
    let mut control = Control {
        bytes: [0; CONTROL_BYTES],
    };
    let mut header = message(&mut iov, &mut control, CONTROL_BYTES);
    let flags = libc::MSG_CMSG_CLOEXEC | libc::MSG_DONTWAIT;
    let length = repeat_interrupted(|| {
        // SAFETY: `header` points to one vector, the spare capacity of `into`, and to the control
        // buffer, both of which are writable for the lengths given and live through the call.
        unsafe { libc::recvmsg(socket.as_raw_fd(), &mut header, flags) }
    })?;
    let passed = take_descriptor(&header);
    let filled = into.len() + length;
    // SAFETY: recvmsg initialised `length` bytes of the spare capacity, which begins at `len()`.
    unsafe { into.set_len(filled) };
    Ok((length, passed))
}

/// Takes ownership of every descriptor in a received control message; all but the first are closed.
fn take_descriptor(header: &libc::msghdr) -> Passed {
    let mut passed = if header.msg_flags & libc::MSG_CTRUNC != 0 {
        Passed::Lost
    } else {
        Passed::Nothing
    };
    // SAFETY: `header` was filled in by recvmsg and its control buffer is alive.
    let mut next = unsafe { libc::CMSG_FIRSTHDR(header) };
    // SAFETY: CMSG_FIRSTHDR and CMSG_NXTHDR return null or a complete header inside the buffer.
    while let Some(part) = unsafe { next.as_ref() } {
        if part.cmsg_level == libc::SOL_SOCKET && part.cmsg_type == libc::SCM_RIGHTS {
            // SAFETY: CMSG_LEN(0) is the size of the header; it has no preconditions.
            let head = unsafe { libc::CMSG_LEN(0) } as usize;
            #[allow(clippy::unnecessary_cast, reason = "it is a u32 with musl")]
            let count = (part.cmsg_len as usize - head) / size_of::<RawFd>();
            // SAFETY: `part` is a header inside the control buffer.
            let data = unsafe { libc::CMSG_DATA(part) };
            for index in 0..count {
                // SAFETY: `cmsg_len` says that `count` numbers lie behind the header.
                let place = unsafe { data.cast::<RawFd>().add(index) };
                // SAFETY: as above; the place need not be aligned for this read.
                let number = unsafe { place.read_unaligned() };
                // SAFETY: the kernel has just installed this descriptor for us, close-on-exec.
                let fd = unsafe { adopt(number) };
                if !matches!(passed, Passed::Descriptor(_)) {
                    passed = Passed::Descriptor(fd);
                }
            }
        }
        // SAFETY: `header` and `part` are as above.
        next = unsafe { libc::CMSG_NXTHDR(header, part) };
    }
    passed
}

/// One `send(2)`, or `sendmsg(2)` with the descriptor beside the first byte. Returns how many bytes the
/// socket took; if any, the descriptor has gone as well. A closed peer is `EPIPE`, never a signal.
/// Interrupted calls are repeated.
pub fn send(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    descriptor: Option<BorrowedFd<'_>>,
) -> Result<usize, Errno> {
    const FLAGS: libc::c_int = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;

    let socket = socket.as_raw_fd();
    let Some(descriptor) = descriptor else {
        return repeat_interrupted(|| {
            // SAFETY: send only reads the slice.
            unsafe { libc::send(socket, bytes.as_ptr().cast(), bytes.len(), FLAGS) }
        });
    };
    let mut iov = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let mut control = Control {
        bytes: [0; CONTROL_BYTES],
    };
    let mut header = message(&mut iov, &mut control, control_space(1));
    put_descriptor(&mut header, descriptor.as_raw_fd());
    repeat_interrupted(|| {
        // SAFETY: `header` points to one vector, `bytes`, which sendmsg only reads, and to the
        // control buffer; both live through the call.
        unsafe { libc::sendmsg(socket, &header, FLAGS) }
    })
}

fn repeat_interrupted(mut call: impl FnMut() -> libc::ssize_t) -> Result<usize, Errno> {
    loop {
        match Errno::result(call()) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(length) => return Ok(length as usize),
        }
    }
}

fn control_space(descriptors: usize) -> usize {
    const {
        assert!(
            CONTROL_DESCRIPTORS * size_of::<RawFd>() + size_of::<libc::cmsghdr>() <= CONTROL_BYTES
        )
    }
    // SAFETY: CMSG_SPACE only computes a size.
    unsafe { libc::CMSG_SPACE((descriptors * size_of::<RawFd>()) as u32) as usize }
}

fn put_descriptor(header: &mut libc::msghdr, number: RawFd) {
    // SAFETY: `header` has a control buffer of control_space(1) bytes, so there is a first header.
    let part = unsafe { libc::CMSG_FIRSTHDR(header) };
    // SAFETY: CMSG_LEN only computes a size.
    let length = unsafe { libc::CMSG_LEN(size_of::<RawFd>() as u32) };
    // SAFETY: `part` lies inside the control buffer, which is aligned for it and not shared.
    let part = unsafe { &mut *part };
    part.cmsg_level = libc::SOL_SOCKET;
    part.cmsg_type = libc::SCM_RIGHTS;
    part.cmsg_len = length as _;
    // SAFETY: `part` is a header inside the control buffer.
    let data = unsafe { libc::CMSG_DATA(part) };
    // SAFETY: the buffer has room for one number behind the header; the write need not be aligned.
    unsafe { data.cast::<RawFd>().write_unaligned(number) };
}

/// What a received descriptor is.
pub fn kind(fd: BorrowedFd<'_>) -> Kind {
    let Ok(socket_type) = getsockopt(&fd, SocketType) else {
        return Kind::Other;
    };
    let family = getsockname::<SockaddrStorage>(fd.as_raw_fd())
        .ok()
        .and_then(|address| address.family());
    match (socket_type, family) {
        (SockType::Stream, Some(AddressFamily::Inet | AddressFamily::Inet6)) => Kind::Tcp,
        (SockType::Stream, Some(AddressFamily::Unix)) => Kind::Pipe,
        (SockType::Datagram, Some(AddressFamily::Inet | AddressFamily::Inet6)) => Kind::Udp,
        _ => Kind::Other,
    }
}

/// An unbound stream socket of a kind, for which no other use exists than to be looked at.
pub fn unbound(kind: Kind) -> Result<OwnedFd, Errno> {
    let families: &[AddressFamily] = match kind {
        Kind::Tcp => &[AddressFamily::Inet, AddressFamily::Inet6],
        Kind::Pipe => &[AddressFamily::Unix],
        Kind::Udp | Kind::Other => &[],
    };
    let mut last = Errno::EAFNOSUPPORT;
    for family in families {
        match socket(*family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None) {
            Ok(fd) => return Ok(fd),
            Err(errno) => last = errno,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fd::socket_pair;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;

    #[test]
    fn a_descriptor_travels_with_its_bytes() {
        let (ours, theirs) = socket_pair().unwrap();
        let (read, write) = nix::unistd::pipe().unwrap();
        assert_eq!(send(ours.as_fd(), b"plain", None), Ok(5));
        assert_eq!(send(ours.as_fd(), b"with", Some(write.as_fd())), Ok(4));
        assert_eq!(send(ours.as_fd(), b"after", None), Ok(5));
        drop(write);

        let mut bytes = Vec::with_capacity(64);
        let (length, passed) = receive(theirs.as_fd(), &mut bytes).unwrap();
        let Passed::Descriptor(fd) = passed else {
            panic!("{passed:?}")
        };
        assert_eq!(bytes, b"plainwith");
        assert_eq!(length, 9);
        let (_, passed) = receive(theirs.as_fd(), &mut bytes).unwrap();
        assert!(matches!(passed, Passed::Nothing));
        assert_eq!(bytes, b"plainwithafter");

        std::fs::File::from(fd).write_all(b"!").unwrap();
        let mut text = String::new();
        std::fs::File::from(read).read_to_string(&mut text).unwrap();
        assert_eq!(text, "!");
    }

    #[test]
    fn a_closed_peer_is_an_error_and_an_end() {
        let (ours, theirs) = socket_pair().unwrap();
        drop(theirs);
        // A child that another test is starting has a copy of it until its exec.
        while send(ours.as_fd(), b"x", None) != Err(Errno::EPIPE) {
            std::thread::yield_now();
        }
        let (length, _) = receive(ours.as_fd(), &mut Vec::with_capacity(8)).unwrap();
        assert_eq!(length, 0);
    }

    #[test]
    fn kinds() {
        assert_eq!(kind(unbound(Kind::Tcp).unwrap().as_fd()), Kind::Tcp);
        assert_eq!(kind(unbound(Kind::Pipe).unwrap().as_fd()), Kind::Pipe);
        let (ours, _) = socket_pair().unwrap();
        assert_eq!(kind(ours.as_fd()), Kind::Pipe);
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(kind(udp.as_fd()), Kind::Udp);
        assert_eq!(
            kind(std::fs::File::open("/dev/null").unwrap().as_fd()),
            Kind::Other
        );
    }
}
