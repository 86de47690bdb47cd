//! What a spawn and its exit cost while other children are alive.

use std::io::Result;
use std::os::fd::AsRawFd;

use crate::process::{Command, kill, null_device, wait};
use crate::{Round, Task, samples};

/// Microseconds of CPU that this thread has used.
fn thread_cpu() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

pub(crate) fn children(task: &Task) -> Round {
    let count = task.amount(200, 60);
    let short = Command::new(&["/bin/true"]);
    let long = Command::new(&["/bin/sleep", "1000"]);
    let cost = move || -> Result<f64> {
        let before = thread_cpu();
        for _ in 0..count {
            let null = null_device()?;
            wait(short.spawn(&[null.as_raw_fd(); 3])?)?;
        }
        Ok((thread_cpu() - before) / count as f64)
    };
    Box::new(move || {
        let null = null_device()?;
        let mut others = Vec::new();
        let mut costs = [0.0; 3];
        for (number, result) in [0, 500, 2000].into_iter().zip(&mut costs) {
            while others.len() < number {
                others.push(long.spawn(&[null.as_raw_fd(); 3])?);
            }
            *result = cost()?;
        }
        for pid in others {
            kill(pid);
            wait(pid)?;
        }
        let [none, some, many] = costs;
        Ok(samples([
            ("none", vec![none]),
            ("some", vec![some]),
            ("many", vec![many]),
            ("growth", vec![many / none]),
        ]))
    })
}
