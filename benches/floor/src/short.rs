//! Children that do next to nothing.

use std::io::{Error, Result};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Instant;

use crate::process::{Command, Ends, drain, null_device, pipe, socketpair, wait};
use crate::{Round, Task, rate, samples};

/// A child with the parent's ends of its streams.
struct Child {
    pid: libc::pid_t,
    ends: Vec<OwnedFd>,
}

impl Child {
    fn start(command: &Command, make: impl Fn() -> Result<Ends>) -> Result<Self> {
        let ends = [make()?, make()?, make()?];
        let pid = command.spawn(&ends.each_ref().map(|end| end.child.as_raw_fd()))?;
        Ok(Self {
            pid,
            ends: ends.into_iter().map(|end| end.parent).collect(),
        })
    }

    fn start_without_streams(command: &Command) -> Result<Self> {
        let null = null_device()?;
        Ok(Self {
            pid: command.spawn(&[null.as_raw_fd(); 3])?,
            ends: Vec::new(),
        })
    }

    /// After the exit: what it has written to stdout and stderr.
    fn output(self) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        for end in self.ends.into_iter().skip(1) {
            output.extend(drain(end)?);
        }
        Ok(output)
    }
}

/// Starts `count` children, `at_once` of them at a time, and takes the output of each.
fn batch(
    count: usize,
    at_once: usize,
    expected: &[u8],
    start: impl Fn() -> Result<Child>,
) -> Result<()> {
    let mut alive = Vec::new();
    let mut started = 0;
    for _ in 0..count {
        while started < count && alive.len() < at_once {
            alive.push(start()?);
            started += 1;
        }
        let pid = wait(-1)?;
        let index = alive
            .iter()
            .position(|child| child.pid == pid)
            .ok_or_else(|| Error::other("a stranger ended"))?;
        if alive.swap_remove(index).output()? != expected {
            return Err(Error::other("unexpected output"));
        }
    }
    Ok(())
}

pub(crate) fn blocks(task: &Task) -> Round {
    let command = Command::new(&["/bin/true"]);
    let usual = if task.text("hold") == "nothing" {
        50
    } else {
        15
    };
    let count = task.amount(usual, usual.div_ceil(3));
    let held = vec![
        1_u8;
        if task.text("hold") == "nothing" {
            0
        } else {
            1 << 30
        }
    ];
    Box::new(move || {
        std::hint::black_box(&held);
        let mut times = Vec::new();
        for _ in 0..count {
            let start = Instant::now();
            let child = Child::start(&command, socketpair)?;
            times.push(start.elapsed().as_secs_f64() * 1e6);
            wait(child.pid)?;
            child.output()?;
        }
        Ok(samples([("time", times)]))
    })
}

pub(crate) fn closes(task: &Task) -> Round {
    let command = Command::new(&["/bin/true"]);
    let (count, at_once) = (task.amount(200, 40), task.number("atOnce"));
    let has_pipes = task.text("stdio") == "pipe";
    Box::new(move || {
        let start = || {
            if has_pipes {
                Child::start(&command, socketpair)
            } else {
                Child::start_without_streams(&command)
            }
        };
        Ok(samples([(
            "rate",
            vec![rate(count, || batch(count, at_once, b"", start))?],
        )]))
    })
}

pub(crate) fn execs(task: &Task) -> Round {
    let command = match task.text("method") {
        "execFile" => Command::new(&["/bin/echo", "hello"]),
        _ => Command::new(&["/bin/sh", "-c", "echo hello"]),
    };
    let (count, at_once) = (task.amount(200, 40), task.number("atOnce"));
    Box::new(move || {
        let start = || Child::start(&command, socketpair);
        Ok(samples([(
            "rate",
            vec![rate(count, || batch(count, at_once, b"hello\n", start))?],
        )]))
    })
}

pub(crate) fn syncs(task: &Task) -> Round {
    let command = match task.text("method") {
        "spawnSync" => Command::new(&["/bin/true"]),
        _ => Command::new(&["/bin/sh", "-c", "true"]),
    };
    let count = task.amount(200, 40);
    Box::new(move || {
        let start = || Child::start(&command, || pipe(false, 0));
        Ok(samples([(
            "rate",
            vec![rate(count, || batch(count, 1, b"", start))?],
        )]))
    })
}
