//! The stack of the child between clone and exec.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

/// The child makes a few system calls with no buffer larger than 1 KiB.
const SIZE: NonZeroUsize = NonZeroUsize::new(64 * 1024).unwrap();
/// Whole pages on every architecture Linux runs on.
const GUARD: usize = 64 * 1024;

/// A mapping with an inaccessible guard below, so that an overrun faults instead of writing into
/// the parent's memory, which the child shares.
pub(super) struct Stack {
    base: NonNull<c_void>,
}

impl Stack {
    pub(super) fn new() -> Result<Self, Errno> {
        let length = SIZE.saturating_add(GUARD);
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_STACK | MapFlags::MAP_NORESERVE;
        // SAFETY: a new mapping at an address the kernel chooses touches nothing that exists.
        let base = unsafe { mmap_anonymous(None, length, protection, flags) }?;
        let stack = Self { base };
        // SAFETY: the guard is the lowest part of the mapping just made, which nobody uses yet.
        unsafe { mprotect(stack.base, GUARD, ProtFlags::PROT_NONE) }?;
        Ok(stack)
    }

    /// The highest address; stacks grow down on every architecture Linux runs on. It is aligned to
    /// pages, so to the 16 bytes the ABI asks for.
    pub(super) fn top(&self) -> *mut c_void {
        // SAFETY: the result is one past the end of the mapping.
        unsafe { self.base.as_ptr().byte_add(GUARD + SIZE.get()) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and the child that ran on it has an image of its own by now:
        // CLONE_VFORK let us go on only then.
        let unmapped = unsafe { munmap(self.base, SIZE.get() + GUARD) };
        debug_assert_eq!(unmapped, Ok(()));
    }
}
