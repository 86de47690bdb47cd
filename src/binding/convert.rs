//! JavaScript's options into the engine's command, and bytes back.

use std::ffi::CString;
use std::time::Duration;

use napi::JsString;
use napi::bindgen_prelude::{BufferSlice, Env};
use napi_derive::napi;
use nix::errno::Errno;

use crate::engine::command::{self, Command, Slot};
use crate::sys::environ::CStrings;

/// Values of `stdio` entries that are not descriptors of ours.
#[napi]
pub enum Stdio {
    /// `/dev/null` for 0–2, closed above.
    Ignore = -1,
    /// One end of a pipe.
    Pipe = -2,
    /// One end of an IPC channel.
    Channel = -3,
}

/// A process to start, as `lib/options` sends it. No string contains a NUL of its own.
#[napi(object, object_to_js = false)]
pub struct SpawnOptions {
    /// A path, or a name to look for in the child's PATH.
    pub file: String,
    /// `argv` with `argv[0]`, joined by NUL; absent: the file alone.
    pub args: Option<String>,
    /// `NAME=value` pairs joined by NUL, `''` for none; absent: this process's environment.
    pub env: Option<String>,
    /// Pairs, joined by NUL, that take precedence over both.
    pub channel_env: Option<String>,
    /// The working directory.
    pub cwd: Option<String>,
    /// Per descriptor of the child: one of ours, or a value of `Stdio`.
    pub stdio: Vec<i32>,
    /// Lead a session of its own.
    pub detached: bool,
    /// User to become.
    pub uid: Option<i32>,
    /// Group to become.
    pub gid: Option<i32>,
}

impl SpawnOptions {
    /// Errors: `EINVAL` for a NUL that got through.
    pub(super) fn into_command(self) -> Result<Command, Errno> {
        let file = CString::new(self.file).map_err(|_| Errno::EINVAL)?;
        let argv = self.args.map_or_else(
            || {
                let mut argv = CStrings::default();
                argv.push(file.as_bytes());
                argv
            },
            CStrings::from_joined,
        );
        let pairs = self.env.map(|joined| match joined.as_str() {
            "" => CStrings::default(),
            _ => CStrings::from_joined(joined),
        });
        let overrides = self.channel_env.map(CStrings::from_joined);
        let cwd = self.cwd.map(CString::new).transpose();
        Ok(Command {
            file: file.into_bytes(),
            argv,
            envp: command::environment(pairs, overrides.as_ref()),
            cwd: cwd.map_err(|_| Errno::EINVAL)?,
            stdio: self.stdio.into_iter().map(slot).collect(),
            detached: self.detached,
            uid: self.uid.map(i32::cast_unsigned),
            gid: self.gid.map(i32::cast_unsigned),
        })
    }
}

fn slot(value: i32) -> Slot {
    match value {
        0.. => Slot::Inherit(value),
        _ if value == Stdio::Pipe as i32 => Slot::Pipe,
        _ if value == Stdio::Channel as i32 => Slot::Channel,
        _ => Slot::Ignore,
    }
}

/// 0, or the negative errno.
pub(super) fn status<T>(result: &Result<T, Errno>) -> i32 {
    result.as_ref().err().map_or(0, |&errno| -(errno as i32))
}

/// A duration in milliseconds as JavaScript counts them; `None` for 0 and for none at all.
pub(super) fn milliseconds(count: f64) -> Option<Duration> {
    (count > 0.0)
        .then(|| Duration::try_from_secs_f64(count / 1000.0).ok())
        .flatten()
}

/// A limit in bytes; `None` for infinity.
pub(super) fn byte_limit(limit: f64) -> Option<u64> {
    // Fractions are as good as the next lower number: sizes are whole.
    limit.is_finite().then_some(limit as u64)
}

/// So few bytes that a copy of them costs less than a finalizer.
pub(super) const SHORT: usize = 16 * 1024;

/// A string of UTF-8; what is not becomes U+FFFD, as where Node decodes.
pub(super) fn text<'env>(env: &'env Env, bytes: &[u8]) -> napi::Result<JsString<'env>> {
    // ASCII is what most of it is, and Latin-1 strings are made without decoding.
    if bytes.is_ascii() {
        env.create_string_latin1(bytes)
    } else {
        env.create_string(String::from_utf8_lossy(bytes))
    }
}

/// A Buffer with these bytes: a copy of few, the memory itself of many.
pub(super) fn buffer(env: &Env, bytes: Vec<u8>) -> napi::Result<BufferSlice<'_>> {
    if bytes.len() < SHORT {
        BufferSlice::copy_from(env, bytes)
    } else {
        BufferSlice::from_data(env, bytes)
    }
}
