//! The native `spawnSync`.

use napi::bindgen_prelude::{BufferSlice, Env, FromNapiValue, Uint8Array, Unknown};
use napi_derive::napi;

use super::convert::{self, SpawnOptions, status};
use crate::engine::run_sync::{self, Limits, Outcome};
use crate::engine::{Exit, Step};

/// What `spawnSync` takes besides [`SpawnOptions`].
#[napi(object, object_to_js = false)]
pub struct SyncOptions {
    /// What the child reads, per descriptor; the engine takes that of 0.
    pub input: Vec<Option<Uint8Array>>,
    /// Milliseconds until the child is killed; 0: never.
    pub timeout: f64,
    /// Bytes of output, all streams together, beyond which it is killed; 0 or Infinity: any number.
    pub max_buffer: f64,
    /// The signal for both.
    pub kill_signal: i32,
}

/// What became of the child.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct SyncResult<'env> {
    /// The process number, 0 if nothing was started.
    pub pid: i32,
    /// The exit code; null if a signal ended it, or nothing was started.
    pub status: Option<i32>,
    /// The signal that ended it, or 0.
    pub signal: i32,
    /// 0, or the negative errno of what went wrong.
    pub error: i32,
    /// The step of a failed launch, or `''`.
    pub step: &'static str,
    /// What each descriptor gave; null if nothing was started.
    pub output: Option<Vec<Option<BufferSlice<'env>>>>,
}

/// Runs a process to its end on this thread.
#[napi(catch_unwind, ts_args_type = "options: SpawnOptions & SyncOptions")]
pub fn spawn_sync<'env>(env: &'env Env, options: Unknown<'_>) -> napi::Result<SyncResult<'env>> {
    let sync = SyncOptions::from_unknown(options)?;
    let outcome = SpawnOptions::from_unknown(options)?
        .into_command()
        .map(|command| {
            let input = sync.input.first().and_then(Option::as_deref);
            let limits = Limits {
                timeout: convert::milliseconds(sync.timeout),
                max_buffer: convert::byte_limit(sync.max_buffer).filter(|&most| most > 0),
                kill_signal: sync.kill_signal,
            };
            run_sync::run(&command, input.unwrap_or_default(), limits)
        })
        .unwrap_or_else(|errno| Outcome {
            error: Some(errno),
            ..Outcome::default()
        });
    let (code, signal) = match outcome.exit {
        Some(Exit::Code(code)) => (Some(code), 0),
        Some(Exit::Signal(signal)) => (None, signal),
        Some(Exit::Unknown) | None => (None, 0),
    };
    let outputs = outcome.outputs.into_iter();
    let outputs = outputs.map(|data| data.map(|data| convert::buffer(env, data)).transpose());
    Ok(SyncResult {
        pid: outcome.pid,
        status: code,
        signal,
        error: outcome.error.map_or(0, |errno| status::<()>(&Err(errno))),
        step: outcome.step.map_or("", Step::name),
        output: outcome
            .exit
            .map(|_| outputs.collect::<napi::Result<_>>())
            .transpose()?,
    })
}
