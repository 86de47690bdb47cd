//! The benchmark's work done by a small loop with no JavaScript: `posix_spawn`, `read`, `waitpid`.
//! What it reaches is about what the machine allows, and what the others are held against.
//!
//! Speaks like `benches/worker.js`: a task as the first argument, a round for each line of input,
//! answers as lines of JSON.

mod bulk;
mod channel;
mod many;
mod process;
mod short;

use std::io::{BufRead, Error, Result, stdin};
use std::time::Instant;

use serde_json::{Map, Value, json};

/// What to do, as the driver puts it.
struct Task(Value);

impl Task {
    fn text(&self, key: &str) -> &str {
        self.0["variant"][key].as_str().unwrap_or_default()
    }

    fn number(&self, key: &str) -> usize {
        self.0["variant"][key].as_u64().unwrap_or_default() as usize
    }

    /// The Node that is started as a peer.
    fn node(&self) -> &str {
        self.0["node"].as_str().unwrap_or("node")
    }

    /// An amount, or the smaller one of a quick run.
    fn amount(&self, usual: usize, quick: usize) -> usize {
        if self.0["quick"] == true {
            quick
        } else {
            usual
        }
    }
}

/// The samples of one round, by metric.
type Samples = Map<String, Value>;
/// One case, prepared: does a round whenever it is called.
type Round = Box<dyn FnMut() -> Result<Samples>>;

fn samples<const N: usize>(metrics: [(&str, Vec<f64>); N]) -> Samples {
    metrics
        .into_iter()
        .map(|(metric, values)| (metric.to_owned(), json!(values)))
        .collect()
}

/// How many units of work were done in a second.
fn rate(units: usize, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(units as f64 / start.elapsed().as_secs_f64())
}

fn prepare(task: &Task) -> Result<Round> {
    match task.0["case"].as_str().unwrap_or_default() {
        "spawn-blocks" => Ok(short::blocks(task)),
        "spawn-close" => Ok(short::closes(task)),
        "exec" => Ok(short::execs(task)),
        "sync" => Ok(short::syncs(task)),
        "bulk" => Ok(bulk::transfers(task)),
        "fork" => Ok(channel::forks(task)),
        "ipc-round-trip" => channel::bounces(task),
        "ipc-flood" => channel::floods(task),
        "many-children" => Ok(many::children(task)),
        other => Err(Error::other(format!("the floor has no case {other}"))),
    }
}

fn run() -> Result<()> {
    let argument = std::env::args()
        .nth(1)
        .ok_or_else(|| Error::other("expected a task"))?;
    let task = Task(serde_json::from_str(&argument)?);
    let mut round = prepare(&task)?;
    println!("{}", json!({ "ready": true }));
    for line in stdin().lock().lines() {
        line?;
        println!("{}", json!({ "samples": round()? }));
    }
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        println!("{}", json!({ "error": error.to_string() }));
    }
}
