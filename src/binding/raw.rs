//! Node-API calls that napi-rs has no safe wrapper for, or only one that costs a message its speed.
//!
//! What they have in common: an [`Env`] is only ever at hand on the thread of its JavaScript
//! environment while that environment lives, and a `napi_value` made here is used in the handle
//! scope it was made in. napi-rs upholds the first for exported functions, [`Callback::call`] and
//! [`Teardown`] for what is called from the event loop.

#![allow(
    unsafe_code,
    reason = "raw Node-API calls; each block names its invariant"
)]

use std::ffi::{CString, c_char, c_void};
use std::os::fd::{BorrowedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null, null_mut};

use napi::bindgen_prelude::{Buffer, BufferSlice, Env, FromNapiValue, Function, JsValue, Unknown};
use napi::{Status, sys};

use crate::sys::uv::Loop;

/// Errors unless the call succeeded.
fn check(status: sys::napi_status, what: &str) -> napi::Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(napi::Error::new(Status::from(status), what.to_owned()))
}

/// Runs a call that writes its result to a pointer.
macro_rules! result_of {
    ($what:literal, $initial:expr, |$result:ident| $call:expr) => {{
        let mut $result = $initial;
        check($call, $what).map(|()| $result)
    }};
}

/// The event loop of this environment's thread.
pub(super) fn event_loop(env: &Env) -> napi::Result<Loop> {
    let raw = NonNull::new(env.get_uv_event_loop()?)
        .ok_or_else(|| napi::Error::from_reason("the environment has no event loop"))?;
    // SAFETY: Node-API returns the loop this thread runs. It outlives the environment, whose
    // teardown waits for the close callbacks of every Poll that has a Teardown.
    Ok(unsafe { Loop::from_raw(raw.cast()) })
}

/// A descriptor that JavaScript names, for the length of one call.
pub(super) fn borrowed<'call>(number: RawFd) -> Option<BorrowedFd<'call>> {
    // SAFETY: not -1. The JavaScript handle that owns the descriptor stays open during the call,
    // which runs no JavaScript; a number that is not open after all makes system calls fail.
    (number >= 0).then(|| unsafe { BorrowedFd::borrow_raw(number) })
}

/// Appends a string's UTF-8 to a buffer; lone surrogates become U+FFFD.
pub(super) fn append_text(env: &Env, text: Unknown<'_>, buffer: &mut Vec<u8>) -> napi::Result<()> {
    /// Code units up to which room for the worst case (4 MiB, of which only what is written costs
    /// anything) is taken rather than the exact size measured.
    const SHORT: usize = (4 << 20) / WORST;
    /// UTF-8 of one UTF-16 code unit; Node-API writes a terminating zero besides.
    const WORST: usize = 3;

    let (env, text) = (env.raw(), text.raw());
    let units = result_of!("string length", 0, |units| {
        // SAFETY: both values belong to the current call; without a buffer only the length is
        // written. This takes constant time.
        unsafe { sys::napi_get_value_string_utf16(env, text, null_mut(), 0, &mut units) }
    })?;
    let most = if units <= SHORT {
        units * WORST
    } else {
        result_of!("string size", 0, |bytes| {
            // SAFETY: as above.
            unsafe { sys::napi_get_value_string_utf8(env, text, null_mut(), 0, &mut bytes) }
        })?
    };
    buffer.reserve(most + 1);
    let spare = buffer.spare_capacity_mut();
    let written = result_of!("string", 0, |written| {
        let place = spare.as_mut_ptr().cast::<c_char>();
        // SAFETY: `place` has room for `spare.len()` bytes, and no more are written.
        unsafe { sys::napi_get_value_string_utf8(env, text, place, spare.len(), &mut written) }
    })?;
    let length = buffer.len() + written;
    // SAFETY: `written` bytes of the spare capacity have been initialised.
    unsafe { buffer.set_len(length) };
    Ok(())
}

/// The bytes of a Buffer argument.
pub(super) fn buffer_argument<'call>(
    env: &'call Env,
    buffer: Unknown<'call>,
) -> napi::Result<BufferSlice<'call>> {
    // SAFETY: both belong to the current call; a value of another type is an error.
    unsafe { BufferSlice::from_napi_value(env.raw(), buffer.raw()) }
}

/// Keeps the bytes of a Buffer argument beyond the current call.
pub(super) fn keep_buffer(env: &Env, buffer: &BufferSlice<'_>) -> napi::Result<Buffer> {
    // SAFETY: both belong to the current call.
    unsafe { Buffer::from_napi_value(env.raw(), buffer.raw()) }
}

/// Arguments of a [`Callback`], in the scope of the call.
pub(super) type Arguments = [sys::napi_value; 4];

pub(super) fn undefined(env: &Env) -> napi::Result<sys::napi_value> {
    result_of!("undefined", null_mut(), |value| {
        // SAFETY: the environment is alive (see the module's note).
        unsafe { sys::napi_get_undefined(env.raw(), &mut value) }
    })
}

pub(super) fn number(env: &Env, number: f64) -> napi::Result<sys::napi_value> {
    result_of!("number", null_mut(), |value| {
        // SAFETY: as in `undefined`.
        unsafe { sys::napi_create_double(env.raw(), number, &mut value) }
    })
}

/// A whole number that JavaScript passes.
pub(super) fn integer(env: &Env, value: Unknown<'_>) -> napi::Result<i32> {
    result_of!("number", 0, |number| {
        // SAFETY: the value belongs to the current call; one of another type is an error.
        unsafe { sys::napi_get_value_int32(env.raw(), value.raw(), &mut number) }
    })
}

/// A count of bytes that JavaScript passes; a negative one is none.
pub(super) fn size(env: &Env, value: Unknown<'_>) -> napi::Result<usize> {
    let size = result_of!("size", 0, |size| {
        // SAFETY: as in `integer`.
        unsafe { sys::napi_get_value_int64(env.raw(), value.raw(), &mut size) }
    })?;
    Ok(usize::try_from(size).unwrap_or(0))
}

/// An array of values made in this scope.
pub(super) fn array(
    env: &Env,
    values: impl ExactSizeIterator<Item = napi::Result<sys::napi_value>>,
) -> napi::Result<sys::napi_value> {
    let array = result_of!("array", null_mut(), |array| {
        // SAFETY: as in `undefined`.
        unsafe { sys::napi_create_array_with_length(env.raw(), values.len(), &mut array) }
    })?;
    for (index, value) in values.enumerate() {
        let value = value?;
        // SAFETY: array and value are alive in the current scope.
        let status = unsafe { sys::napi_set_element(env.raw(), array, index as u32, value) };
        check(status, "array element")?;
    }
    Ok(array)
}

/// What a [`function`] does with its arguments.
type Body = dyn Fn(&Env, [Unknown<'_>; 3]) -> napi::Result<f64>;

/// A JavaScript function of three arguments that gives a number. napi-rs's methods look up, check and
/// lock their object at every call, which takes longer than to send a small message.
pub(super) fn function<'env>(env: &'env Env, body: Box<Body>) -> napi::Result<Unknown<'env>> {
    let body = Box::into_raw(Box::new(body));
    let made = result_of!("function", null_mut(), |function| {
        // SAFETY: as in `undefined`; the body is freed by the finalizer, so not before the function.
        unsafe {
            sys::napi_create_function(
                env.raw(),
                null(),
                0,
                Some(call_body),
                body.cast(),
                &mut function,
            )
        }
    })
    .and_then(|function| {
        // SAFETY: the function was made in this scope; nobody else frees the body.
        let status = unsafe {
            sys::napi_add_finalizer(
                env.raw(),
                function,
                body.cast(),
                Some(free_body),
                null_mut(),
                null_mut(),
            )
        };
        check(status, "finalizer").map(|()| function)
    });
    match made {
        // SAFETY: made in this scope, of this environment.
        Ok(function) => Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), function) }),
        Err(error) => {
            // SAFETY: leaked above; no finalizer has it, and the function is not handed out.
            drop(unsafe { Box::from_raw(body) });
            Err(error)
        }
    }
}

extern "C" fn call_body(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let mut arguments = [null_mut(); 3];
    let mut count = arguments.len();
    let mut body = null_mut();
    // SAFETY: the array has room for `count` arguments; those not given become undefined.
    let status = unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &mut count,
            arguments.as_mut_ptr(),
            null_mut(),
            &mut body,
        )
    };
    if status != sys::Status::napi_ok {
        return null_mut();
    }
    // SAFETY: `function` made this of a boxed body, which lives as long as the function.
    let body = unsafe { &*body.cast::<Box<Body>>() };
    // SAFETY: all were written by napi_get_cb_info, in the scope of this call.
    let arguments = arguments.map(|argument| unsafe { Unknown::from_raw_unchecked(env, argument) });
    let env = Env::from_raw(env);
    let called = catch_unwind(AssertUnwindSafe(|| {
        body(&env, arguments).and_then(|result| number(&env, result))
    }));
    called
        .unwrap_or_else(|_| Err(napi::Error::from_reason("a defect of rs-child-process")))
        .unwrap_or_else(|error| throw(&env, &error))
}

/// Makes an exception pending.
fn throw(env: &Env, error: &napi::Error) -> sys::napi_value {
    if let Ok(message) = CString::new(error.reason.as_str()) {
        // SAFETY: as in `undefined`; if an exception is pending already the call is refused.
        unsafe { sys::napi_throw_error(env.raw(), null(), message.as_ptr()) };
    }
    null_mut()
}

unsafe extern "C" fn free_body(_: sys::napi_env, body: *mut c_void, _: *mut c_void) {
    // SAFETY: the finalizer of what `function` leaked runs once.
    drop(unsafe { Box::from_raw(body.cast::<Box<Body>>()) });
}

/// A JavaScript function that is called from the event loop, as Node calls its own callbacks: ticks
/// and microtasks run after it, and what it throws is an uncaught exception.
pub(super) struct Callback {
    env: Env,
    function: sys::napi_ref,
    context: sys::napi_async_context,
}

impl Callback {
    /// Keeps the function until this is dropped. `name` is its type for `async_hooks`.
    pub(super) fn new(env: &Env, function: &Function<'_>, name: &str) -> napi::Result<Self> {
        let name = env.create_string(name)?.raw();
        let context = result_of!("async context", null_mut(), |context| {
            // SAFETY: as in `undefined`; without a resource object Node makes one.
            unsafe { sys::napi_async_init(env.raw(), null_mut(), name, &mut context) }
        })?;
        let mut callback = Self {
            env: Env::from_raw(env.raw()),
            function: null_mut(),
            context,
        };
        callback.function = result_of!("reference", null_mut(), |reference| {
            // SAFETY: as in `undefined`; the function belongs to the current call.
            unsafe { sys::napi_create_reference(env.raw(), function.raw(), 1, &mut reference) }
        })?;
        Ok(callback)
    }

    /// Calls the function in a callback scope of its own. An error means that the arguments could not
    /// be made, or that the environment is going down and runs no more JavaScript.
    pub(super) fn call(
        &self,
        arguments: impl FnOnce(&Env) -> napi::Result<Arguments>,
    ) -> napi::Result<()> {
        let raw = self.env.raw();
        let scope = result_of!("handle scope", null_mut(), |scope| {
            // SAFETY: the environment is alive: whoever owns this callback drops it in its Teardown.
            unsafe { sys::napi_open_handle_scope(raw, &mut scope) }
        })?;
        let called = self.call_in_scope(arguments);
        // SAFETY: opened above, and every scope opened since has been closed.
        let closed = unsafe { sys::napi_close_handle_scope(raw, scope) };
        check(closed, "handle scope")?;
        called
    }

    fn call_in_scope(
        &self,
        arguments: impl FnOnce(&Env) -> napi::Result<Arguments>,
    ) -> napi::Result<()> {
        let raw = self.env.raw();
        let function = result_of!("reference", null_mut(), |function| {
            // SAFETY: the reference was made in `new` and is deleted in `drop`.
            unsafe { sys::napi_get_reference_value(raw, self.function, &mut function) }
        })?;
        let arguments = arguments(&self.env)?;
        let receiver = undefined(&self.env)?;
        let scope = result_of!("callback scope", null_mut(), |scope| {
            // SAFETY: the context was made in `new` and is destroyed in `drop`; the resource
            // argument is not used by Node-API.
            unsafe { sys::napi_open_callback_scope(raw, null_mut(), self.context, &mut scope) }
        })?;
        let mut result = null_mut();
        // SAFETY: all values are alive in the current handle scope; the length is the array's.
        let status = unsafe {
            sys::napi_call_function(
                raw,
                receiver,
                function,
                arguments.len(),
                arguments.as_ptr(),
                &mut result,
            )
        };
        self.report_exception();
        // SAFETY: opened above. Ticks and microtasks run in here.
        let closed = unsafe { sys::napi_close_callback_scope(raw, scope) };
        check(closed, "callback scope")?;
        if status == sys::Status::napi_pending_exception {
            Ok(())
        } else {
            check(status, "call")
        }
    }

    /// What the function threw becomes an uncaught exception.
    fn report_exception(&self) {
        let mut pending = false;
        // SAFETY: the environment is alive, as in `call`.
        let status = unsafe { sys::napi_is_exception_pending(self.env.raw(), &mut pending) };
        if status != sys::Status::napi_ok || !pending {
            return;
        }
        let mut exception = null_mut();
        // SAFETY: as above; an exception is pending.
        if unsafe { sys::napi_get_and_clear_last_exception(self.env.raw(), &mut exception) }
            == sys::Status::napi_ok
        {
            // SAFETY: as above; the exception is alive in the current handle scope. In an environment
            // that is going down the call is refused, which is fine.
            unsafe { sys::napi_fatal_exception(self.env.raw(), exception) };
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if !self.function.is_null() {
            // SAFETY: made in `new`, deleted once, while the environment is alive.
            unsafe { sys::napi_delete_reference(self.env.raw(), self.function) };
        }
        // SAFETY: made in `new`, destroyed once, while the environment is alive.
        unsafe { sys::napi_async_destroy(self.env.raw(), self.context) };
    }
}

/// Something that must be undone before the environment is gone: a worker that ends, a process that
/// exits by itself. The environment's teardown waits until this is dropped, running the event loop
/// meanwhile.
pub(super) struct Teardown {
    handle: sys::napi_async_cleanup_hook_handle,
    undo: NonNull<Box<dyn Fn()>>,
}

impl Teardown {
    /// `undo` is called if the environment goes down before this is dropped, and must see to it that
    /// it then is dropped, by a callback of the event loop at the latest.
    pub(super) fn new(env: &Env, undo: Box<dyn Fn()>) -> napi::Result<Self> {
        let undo = NonNull::from(Box::leak(Box::new(undo)));
        let handle = result_of!("cleanup hook", null_mut(), |handle| {
            // SAFETY: `undo` stays valid until `drop` has removed the hook.
            unsafe {
                sys::napi_add_async_cleanup_hook(
                    env.raw(),
                    Some(tear_down),
                    undo.as_ptr().cast(),
                    &mut handle,
                )
            }
        });
        match handle {
            Ok(handle) => Ok(Self { handle, undo }),
            Err(error) => {
                // SAFETY: leaked above, and no hook refers to it.
                drop(unsafe { Box::from_raw(undo.as_ptr()) });
                Err(error)
            }
        }
    }
}

impl Drop for Teardown {
    fn drop(&mut self) {
        // SAFETY: the handle came from napi_add_async_cleanup_hook and is removed once. If the hook
        // has run, this tells Node that its work is done.
        unsafe { sys::napi_remove_async_cleanup_hook(self.handle) };
        // SAFETY: leaked in `new`; the hook is gone, and does not run now: `undo` does not drop this
        // itself but leaves it to the event loop.
        drop(unsafe { Box::from_raw(self.undo.as_ptr()) });
    }
}

unsafe extern "C" fn tear_down(_: sys::napi_async_cleanup_hook_handle, undo: *mut c_void) {
    // SAFETY: the hook's argument is `Teardown::undo`, which lives as long as the hook.
    let undo = unsafe { &*undo.cast::<Box<dyn Fn()>>() };
    // A panic must not cross into C++.
    let _ = catch_unwind(AssertUnwindSafe(undo));
}
