//! Much data through the standard streams.

use std::fs::File;
use std::io::{Error, Read, Result, Write};
use std::os::fd::AsRawFd;

use crate::process::{Command, null_device, pipe, wait};
use crate::{Round, Task, rate, samples};

const MB: usize = 1 << 20;

fn zeros(megabytes: usize) -> Command {
    Command::new(&[
        "/bin/dd",
        "if=/dev/zero",
        "bs=1M",
        &format!("count={megabytes}"),
        "status=none",
    ])
}

/// Reads all of a child's output, into one piece of memory of the right size if it is to be kept.
fn receive(command: &Command, megabytes: usize, keep: bool) -> Result<()> {
    let null = null_device()?;
    let ends = pipe(false, MB)?;
    let pid = command.spawn(&[null.as_raw_fd(), ends.child.as_raw_fd(), null.as_raw_fd()])?;
    drop(ends.child);
    let mut source = File::from(ends.parent);
    let mut buffer = vec![0; if keep { megabytes * MB } else { MB }];
    let mut got = 0;
    loop {
        let from = if keep { got } else { 0 };
        let read = source.read(&mut buffer[from..])?;
        got += read;
        if read == 0 {
            break;
        }
    }
    wait(pid)?;
    if got == megabytes * MB {
        Ok(())
    } else {
        Err(Error::other(format!("{got} bytes")))
    }
}

fn send(command: &Command, megabytes: usize) -> Result<()> {
    let null = null_device()?;
    let ends = pipe(true, MB)?;
    let pid = command.spawn(&[ends.child.as_raw_fd(), null.as_raw_fd(), null.as_raw_fd()])?;
    drop(ends.child);
    let mut target = File::from(ends.parent);
    let chunk = vec![b'x'; MB];
    for _ in 0..megabytes {
        target.write_all(&chunk)?;
    }
    drop(target);
    wait(pid)?;
    Ok(())
}

pub(crate) fn transfers(task: &Task) -> Round {
    let usual = task.number("megabytes");
    let megabytes = task.amount(usual, usual.min(128));
    let way = task.text("way").to_owned();
    let command = if matches!(&*way, "input" | "stdin") {
        Command::new(&["/bin/cat"])
    } else {
        zeros(megabytes)
    };
    Box::new(move || {
        let work = || match &*way {
            "input" | "stdin" => send(&command, megabytes),
            _ => receive(&command, megabytes, way != "stdout"),
        };
        Ok(samples([("rate", vec![rate(megabytes, work)?])]))
    })
}
