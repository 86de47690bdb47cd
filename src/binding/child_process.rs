//! The native `ChildProcess`: the handle of one process.

use std::os::fd::IntoRawFd;
use std::rc::Rc;
use std::sync::Arc;

use napi::JsString;
use napi::bindgen_prelude::{Buffer, BufferSlice, Either, Env, Function};
use napi_derive::napi;
use nix::errno::Errno;

use super::channel::Channel;
use super::convert::{self, SpawnOptions, status};
use super::env_state::{EnvState, Hold};
use crate::engine::Step;
use crate::engine::process::{self, Process};
use crate::ipc::frame::Mode;

/// One process: started once, then asked, signalled and relieved of its streams.
#[napi]
pub struct ChildProcess {
    env: Rc<EnvState>,
    id: u64,
    process: Option<Arc<Process>>,
    step: Option<Step>,
}

#[napi]
impl ChildProcess {
    /// A handle without a process.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env) -> napi::Result<Self> {
        Ok(Self {
            env: EnvState::of(env)?,
            id: process::next_id(),
            process: None,
            step: None,
        })
    }

    /// The number under which events are dispatched.
    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> f64 {
        self.id as f64
    }

    /// The process number; 0 while there is none.
    #[napi(getter, catch_unwind)]
    pub fn pid(&self) -> i32 {
        self.process.as_ref().map_or(0, |process| process.pid())
    }

    /// The step of `spawn` that failed, or `''`.
    #[napi(getter, catch_unwind)]
    pub fn step(&self) -> &'static str {
        self.step.map_or("", Step::name)
    }

    /// Starts the process. Its number, or the negative errno of what failed. When it was the program, the
    /// pipes are there all the same, at their end.
    #[napi(catch_unwind)]
    pub fn spawn(&mut self, env: &Env, options: SpawnOptions) -> napi::Result<i32> {
        let spawned = options
            .into_command()
            .map_err(|errno| Step::Exec.failed(errno))
            .and_then(|command| Process::spawn(self.id, &command, self.env.sink()));
        let failure = match spawned {
            Ok(spawned) => {
                self.process = Some(spawned.process);
                spawned.failure
            }
            Err(failure) => Some(failure),
        };
        self.step = failure.map(|failure| failure.step);
        if failure.is_none() {
            self.env.started(env, self.id)?;
        }
        Ok(failure.map_or(self.pid(), |failure| status::<()>(&Err(failure.errno))))
    }

    /// Sends a signal. 0 or a negative errno; a process that has ended unreported counts as there.
    #[napi(catch_unwind)]
    pub fn kill(&self, signal: i32) -> i32 {
        let Some(process) = &self.process else {
            return status::<()>(&Err(Errno::ESRCH));
        };
        match process.kill(signal) {
            Err(Errno::ESRCH) if self.env.is_running(self.id) && is_signal(signal) => 0,
            result => status(&result),
        }
    }

    /// The process keeps the event loop alive (from the start on).
    #[napi(js_name = "ref", catch_unwind)]
    pub fn reference(&self, env: &Env) -> napi::Result<()> {
        if self.env.is_running(self.id) {
            self.env.hold(env, Hold::Child(self.id))?;
        }
        Ok(())
    }

    /// The process does not keep the event loop alive.
    #[napi(js_name = "unref", catch_unwind)]
    pub fn unreference(&self, env: &Env) -> napi::Result<()> {
        self.env.release(env, Hold::Child(self.id))
    }

    /// Whether the process keeps the event loop alive.
    #[napi(catch_unwind)]
    pub fn has_ref(&self) -> bool {
        self.env.has(Hold::Child(self.id))
    }

    /// Has the process killed after `ms` milliseconds, even while JavaScript is busy.
    #[napi(catch_unwind)]
    pub fn set_deadline(&self, ms: f64, signal: i32) {
        if let (Some(process), Some(delay)) = (&self.process, convert::milliseconds(ms)) {
            process.set_deadline(delay, signal);
        }
    }

    /// Stops reading a stream. What the engine had collected of it, if anything.
    #[napi(catch_unwind)]
    pub fn release_stream<'env>(
        &self,
        env: &'env Env,
        stream: u32,
    ) -> napi::Result<Option<BufferSlice<'env>>> {
        let stream = stream as usize;
        let process = self.process.as_ref();
        let data = process.map(|process| process.release_stream(stream));
        self.env.release(env, Hold::Stream(self.id, stream))?;
        data.filter(|data| !data.is_empty())
            .map(|data| convert::buffer(env, data))
            .transpose()
    }

    /// The number of the descriptor of a parent end, non-blocking, close-on-exec and now the caller's;
    /// -1 when the stream has ended. One that is collected is to be released before.
    #[napi(catch_unwind)]
    pub fn take_descriptor(&self, stream: u32) -> i32 {
        let process = self.process.as_ref();
        let taken = process.and_then(|process| process.take_stream(stream as usize));
        taken.map_or(-1, IntoRawFd::into_raw_fd)
    }

    /// Closes a parent end that was not handed over.
    #[napi(catch_unwind)]
    pub fn close_stream(&self, env: &Env, stream: u32) -> napi::Result<()> {
        let stream = stream as usize;
        drop(
            self.process
                .as_ref()
                .map(|process| process.take_stream(stream)),
        );
        self.env.release(env, Hold::Stream(self.id, stream))
    }

    /// Lets the engine collect a stream, up to `limit` bytes; beyond them it stops collecting and
    /// sends `signal`. Negative errno if it cannot be watched; it is as before then.
    #[napi(catch_unwind)]
    pub fn capture(&self, env: &Env, stream: u32, limit: f64, signal: i32) -> napi::Result<i32> {
        let stream = stream as usize;
        let Some(process) = &self.process else {
            return Ok(0);
        };
        let limit = convert::byte_limit(limit).unwrap_or(u64::MAX);
        let result = process.collect(stream, limit, signal);
        if result.is_ok() {
            self.env.hold(env, Hold::Stream(self.id, stream))?;
        }
        Ok(status(&result))
    }

    /// What was collected of a stream that has ended. Once. A string if that is wanted and it is short,
    /// else a Buffer.
    #[napi(catch_unwind, ts_return_type = "string | Buffer")]
    pub fn captured<'env>(
        &self,
        env: &'env Env,
        stream: u32,
        as_text: bool,
    ) -> napi::Result<Either<JsString<'env>, BufferSlice<'env>>> {
        let process = self.process.as_ref();
        let data = process.map(|process| process.collected(stream as usize));
        let data = data.unwrap_or_default();
        if as_text && data.len() < convert::SHORT {
            convert::text(env, &data).map(Either::A)
        } else {
            convert::buffer(env, data).map(Either::B)
        }
    }

    /// The process is gone, and nobody has looked at the streams that are still the engine's: closes
    /// stdin, and throws away the rest of the others. Those that are at their end, a bit each; of the
    /// rest StreamEnd will tell, and the event loop is kept alive until then.
    #[napi(catch_unwind)]
    pub fn drain(&self, env: &Env) -> napi::Result<u32> {
        let Some(process) = &self.process else {
            return Ok(0);
        };
        let mut ended = 0;
        for (stream, has_ended) in process.drain() {
            if has_ended && stream < u32::BITS as usize {
                ended |= 1 << stream;
                continue;
            }
            self.env.hold(env, Hold::Stream(self.id, stream))?;
            if has_ended {
                process.stream_ended(stream);
            }
        }
        Ok(ended)
    }

    /// Opens the IPC channel on the parent end of a stream, which is taken by it. `mode` is that of
    /// NODE_CHANNEL_SERIALIZATION_MODE: 0 for json, 1 for advanced. `inbox` is where it may put what
    /// came, for the length of a call of the handler.
    #[napi(
        catch_unwind,
        ts_args_type = "stream: number, mode: 0 | 1, inbox: Buffer | undefined, handler: (kind: ChannelEvent, payload: any, extra: number, owners?: number[]) => void"
    )]
    pub fn open_channel(
        &self,
        env: &Env,
        stream: u32,
        mode: u32,
        inbox: Option<Buffer>,
        handler: Function<'_>,
    ) -> napi::Result<Channel> {
        let process = self.process.as_ref();
        let fd = process.and_then(|process| process.take_stream(stream as usize));
        let fd = fd.ok_or_else(|| napi::Error::from_reason("there is no such stream"))?;
        let mode = if mode == 0 {
            Mode::Json
        } else {
            Mode::Advanced
        };
        Channel::open(env, fd, mode, inbox, handler)
    }
}

/// What `kill(2)` would have accepted.
fn is_signal(number: i32) -> bool {
    (0..=64).contains(&number)
}
