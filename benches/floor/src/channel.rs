//! Node's IPC channel, spoken with a Node child: lines of JSON on a socket.

use std::io::{BufRead, BufReader, Error, Result, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use crate::process::{Command, null_device, socketpair, wait};
use crate::{Round, Task, rate, samples};

/// The child that the other runtimes fork as well.
struct Peer {
    pid: libc::pid_t,
    reader: BufReader<UnixStream>,
    line: Vec<u8>,
}

impl Peer {
    fn start(node: &str) -> Result<Self> {
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../children/peer.js");
        let command = Command::new(&[node, &script.to_string_lossy()])
            .with_variable("NODE_CHANNEL_FD=3")
            .with_variable("NODE_CHANNEL_SERIALIZATION_MODE=json");
        let null = null_device()?;
        let ends = socketpair()?;
        let pid = command.spawn(&[
            null.as_raw_fd(),
            null.as_raw_fd(),
            2,
            ends.child.as_raw_fd(),
        ])?;
        let reader = BufReader::with_capacity(1 << 16, UnixStream::from(ends.parent));
        let mut peer = Self {
            pid,
            reader,
            line: Vec::new(),
        };
        drop(ends.child);
        peer.receive(1)?;
        Ok(peer)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    fn receive(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.line.clear();
            if self.reader.read_until(b'\n', &mut self.line)? == 0 {
                return Err(Error::other("the peer is gone"));
            }
        }
        Ok(())
    }

    fn stop(self) -> Result<()> {
        drop(self.reader);
        wait(self.pid).map(drop)
    }
}

fn line(message: &serde_json::Value) -> Vec<u8> {
    format!("{message}\n").into_bytes()
}

fn message(bytes: usize) -> Vec<u8> {
    match bytes {
        0 => line(&json!({
            "type": "progress", "task": "compile", "done": 17, "total": 240,
            "note": "forty-eight characters of text, more or less ok",
        })),
        _ => line(&json!({ "text": "x".repeat(bytes) })),
    }
}

/// Microseconds of CPU that this process has used.
fn cpu() -> f64 {
    // SAFETY: an all-zero rusage is a valid one, and it outlives the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let micros = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

pub(crate) fn forks(task: &Task) -> Round {
    let (node, count) = (task.node().to_owned(), task.amount(8, 3));
    Box::new(move || {
        let mut times = Vec::new();
        for _ in 0..count {
            let start = Instant::now();
            let peer = Peer::start(&node)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            peer.stop()?;
        }
        Ok(samples([("time", times)]))
    })
}

pub(crate) fn bounces(task: &Task) -> Result<Round> {
    let mut peer = Peer::start(task.node())?;
    let count = task.amount(5000, 1000);
    let message = message(0);
    Ok(Box::new(move || {
        let start = Instant::now();
        for _ in 0..count {
            peer.send(&message)?;
            peer.receive(1)?;
        }
        Ok(samples([(
            "time",
            vec![start.elapsed().as_secs_f64() * 1e6 / count as f64],
        )]))
    }))
}

pub(crate) fn floods(task: &Task) -> Result<Round> {
    let mut peer = Peer::start(task.node())?;
    let bytes = task.number("bytes");
    let usual = task.number("count");
    let count = task.amount(usual, usual / 5);
    let is_in = task.text("direction") == "in";
    let message = message(bytes);
    // As many small ones as fit go in one write.
    let at_once = (60_000 / message.len()).max(1);
    Ok(Box::new(move || {
        let before = cpu();
        let figure = rate(count, || {
            if is_in {
                peer.send(&line(
                    &json!({ "do": "source", "count": count, "bytes": bytes }),
                ))?;
                return peer.receive(count);
            }
            peer.send(&line(&json!({ "do": "sink", "count": count })))?;
            let mut left = count;
            while left > 0 {
                let now = at_once.min(left);
                peer.send(&message.repeat(now))?;
                left -= now;
            }
            peer.receive(1)
        })?;
        Ok(samples([
            ("rate", vec![figure]),
            ("cpu", vec![(cpu() - before) / count as f64]),
        ]))
    }))
}
