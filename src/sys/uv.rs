//! libuv's poll handle: readiness of a descriptor, told on the thread of an event loop.
//!
//! Node exports libuv's symbols; they are looked up at run time, so that the library links and its
//! tests run without it. Only functions are used, no struct layout: the size of a handle is asked
//! of `uv_handle_size`.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::NonNull;
use std::sync::OnceLock;

use nix::errno::Errno;

const UV_POLL: c_int = 8;
const UV_READABLE: c_int = 1;
const UV_WRITABLE: c_int = 2;

type RawHandle = *mut c_void;
type PollCallback = extern "C" fn(RawHandle, c_int, c_int);
type CloseCallback = extern "C" fn(RawHandle);

/// Declares the functions of libuv that are used here, with the types of uv.h.
macro_rules! functions {
    ($($field:ident = $symbol:literal: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct Functions {
            $($field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            fn load() -> Option<Self> {
                Some(Self {
                    $($field: {
                        let address = lookup($symbol)?;
                        // SAFETY: the address is that of the function of this name, whose type in
                        // uv.h is the one declared; it is part of libuv's stable ABI since 1.19.
                        unsafe {
                            std::mem::transmute::<
                                NonNull<c_void>,
                                unsafe extern "C" fn($($argument),*) $(-> $result)?,
                            >(address)
                        }
                    },)*
                })
            }
        }
    };
}

functions! {
    handle_size = c"uv_handle_size": fn(c_int) -> usize;
    set_data = c"uv_handle_set_data": fn(RawHandle, *mut c_void);
    get_data = c"uv_handle_get_data": fn(RawHandle) -> *mut c_void;
    poll_init = c"uv_poll_init": fn(*mut c_void, RawHandle, c_int) -> c_int;
    poll_start = c"uv_poll_start": fn(RawHandle, c_int, PollCallback) -> c_int;
    poll_stop = c"uv_poll_stop": fn(RawHandle) -> c_int;
    close = c"uv_close": fn(RawHandle, CloseCallback);
    reference = c"uv_ref": fn(RawHandle);
    unreference = c"uv_unref": fn(RawHandle);
    has_reference = c"uv_has_ref": fn(RawHandle) -> c_int;
    now = c"uv_now": fn(*mut c_void) -> u64;
}

impl Functions {
    /// `None` where the process has no libuv, or hides it.
    fn get() -> Option<&'static Self> {
        static FUNCTIONS: OnceLock<Option<Functions>> = OnceLock::new();
        FUNCTIONS.get_or_init(Self::load).as_ref()
    }
}

fn lookup(name: &CStr) -> Option<NonNull<c_void>> {
    // SAFETY: dlsym only reads the name, which is terminated.
    NonNull::new(unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) })
}

/// An event loop of the current thread.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    raw: NonNull<c_void>,
}

impl Loop {
    /// # Safety
    /// `raw` is a `uv_loop_t` that the current thread runs, and stays one until the close callback
    /// of the last [`Poll`] opened on it.
    pub unsafe fn from_raw(raw: NonNull<c_void>) -> Self {
        Self { raw }
    }

    /// Milliseconds since some moment in the past, as of when the loop last looked: it does not change
    /// while one callback runs. 0 without libuv.
    pub fn now(&self) -> u64 {
        Functions::get().map_or(0, |functions| {
            // SAFETY: the loop is alive, as `from_raw` demands.
            unsafe { (functions.now)(self.raw.as_ptr()) }
        })
    }
}

/// What a descriptor is ready for, or should be waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Reading does not block (there are bytes, an end or an error).
    pub readable: bool,
    /// Writing does not block.
    pub writable: bool,
}

/// Called with what the descriptor is ready for, or `None` for an error condition on it: libuv has
/// stopped the poll then, and reading and writing tell what it is.
type Callback = Box<dyn Fn(Option<Readiness>)>;

/// What the handle points to; freed with it, in its close callback.
struct Shared {
    callback: Callback,
    on_closed: Cell<Option<Box<dyn FnOnce()>>>,
}

/// A `uv_poll_t`. Its memory lives until libuv has called back that it is closed; dropping it closes
/// it.
pub struct Poll {
    handle: NonNull<c_void>,
    functions: &'static Functions,
    /// Belongs to the thread of its loop.
    _thread: PhantomData<*mut ()>,
}

impl std::fmt::Debug for Poll {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Poll")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

impl Poll {
    /// Makes a handle for `fd`, referenced and stopped. `fd` must stay open until the handle is
    /// closed. `ENOSYS` without libuv.
    pub fn open(on: Loop, fd: BorrowedFd<'_>, callback: Callback) -> Result<Self, Errno> {
        let functions = Functions::get().ok_or(Errno::ENOSYS)?;
        let layout = handle_layout(functions);
        // SAFETY: the layout's size is not zero: it is that of a uv_poll_t.
        let handle =
            NonNull::new(unsafe { alloc_zeroed(layout) }.cast::<c_void>()).ok_or(Errno::ENOMEM)?;
        // SAFETY: the loop is valid and of this thread (Loop::from_raw); the handle's memory has the
        // size that libuv asked for.
        let status =
            unsafe { (functions.poll_init)(on.raw.as_ptr(), handle.as_ptr(), fd.as_raw_fd()) };
        if status < 0 {
            // SAFETY: allocated above with this layout; a failed uv_poll_init keeps no pointer to it.
            unsafe { dealloc(handle.as_ptr().cast(), layout) };
            return Err(Errno::from_raw(-status));
        }
        let shared = Box::new(Shared {
            callback,
            on_closed: Cell::new(None),
        });
        // SAFETY: the handle is initialised; nobody else uses its data pointer.
        unsafe { (functions.set_data)(handle.as_ptr(), Box::into_raw(shared).cast()) };
        Ok(Self {
            handle,
            functions,
            _thread: PhantomData,
        })
    }

    /// Waits for these; nothing asked for means stop.
    pub fn start(&self, wanted: Readiness) -> Result<(), Errno> {
        let events = if wanted.readable { UV_READABLE } else { 0 }
            | if wanted.writable { UV_WRITABLE } else { 0 };
        let status = if events == 0 {
            // SAFETY: the handle is initialised and not closing: only `close` and `drop` close it,
            // and they consume `self`.
            unsafe { (self.functions.poll_stop)(self.handle.as_ptr()) }
        } else {
            // SAFETY: as above; the callback fits the handle's data.
            unsafe { (self.functions.poll_start)(self.handle.as_ptr(), events, on_ready) }
        };
        if status < 0 {
            Err(Errno::from_raw(-status))
        } else {
            Ok(())
        }
    }

    /// Whether waiting keeps the loop alive.
    pub fn set_referenced(&self, referenced: bool) {
        let change = if referenced {
            self.functions.reference
        } else {
            self.functions.unreference
        };
        // SAFETY: the handle is initialised and not closing, as in `start`.
        unsafe { change(self.handle.as_ptr()) };
    }

    /// Whether waiting keeps the loop alive.
    pub fn is_referenced(&self) -> bool {
        // SAFETY: the handle is initialised and not closing, as in `start`.
        unsafe { (self.functions.has_reference)(self.handle.as_ptr()) != 0 }
    }

    /// Closes the handle; its descriptor may be closed right after. The callback is not called any
    /// more; `on_closed` is, from the loop.
    pub fn close(self, on_closed: impl FnOnce() + 'static) {
        // SAFETY: `data` was set in `open`, and is freed only in the close callback.
        let shared = unsafe { shared_of(self.functions, self.handle.as_ptr()) };
        shared.on_closed.set(Some(Box::new(on_closed)));
        drop(self);
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        // SAFETY: the handle is initialised, and this runs once, on the thread of its loop (Poll is
        // neither Send nor Sync). The memory is freed in the callback.
        unsafe { (self.functions.close)(self.handle.as_ptr(), on_close) };
    }
}

fn handle_layout(functions: &Functions) -> Layout {
    // SAFETY: uv_handle_size only looks its argument up.
    let size = unsafe { (functions.handle_size)(UV_POLL) };
    Layout::from_size_align(size, align_of::<u128>()).expect("a handle has a few hundred bytes")
}

/// # Safety
/// `handle` was made by [`Poll::open`] and its close callback has not run. The result must not be
/// used after that.
unsafe fn shared_of<'a>(functions: &Functions, handle: RawHandle) -> &'a Shared {
    // SAFETY: the handle is initialised, by the caller's promise.
    let data = unsafe { (functions.get_data)(handle) };
    // SAFETY: `open` set the data to a leaked `Shared`, which lives until the close callback.
    unsafe { &*data.cast::<Shared>() }
}

extern "C" fn on_ready(handle: RawHandle, status: c_int, events: c_int) {
    let Some(functions) = Functions::get() else {
        return;
    };
    // SAFETY: libuv calls this with a handle of ours, never after its close callback; that callback
    // runs in a later phase of the loop, so the reference outlives the call below even if the
    // handle is closed in it.
    let shared = unsafe { shared_of(functions, handle) };
    // A failure is POLLERR, which a stream socket has when the peer went away with bytes unread.
    (shared.callback)((status >= 0).then_some(Readiness {
        readable: events & UV_READABLE != 0,
        writable: events & UV_WRITABLE != 0,
    }));
}

extern "C" fn on_close(handle: RawHandle) {
    let Some(functions) = Functions::get() else {
        return;
    };
    // SAFETY: the handle is initialised until its memory is freed below.
    let data = unsafe { (functions.get_data)(handle) };
    // SAFETY: `open` leaked this box; libuv calls back once, and nothing refers to it any more.
    let shared = unsafe { Box::from_raw(data.cast::<Shared>()) };
    // SAFETY: allocated in `open` with the same layout; libuv is done with a closed handle.
    unsafe { dealloc(handle.cast(), handle_layout(functions)) };
    let on_closed = shared.on_closed.take();
    drop(shared);
    if let Some(on_closed) = on_closed {
        on_closed();
    }
}
