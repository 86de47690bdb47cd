//! What to start: the program, its arguments and environment, and its table of descriptors.

use std::ffi::CString;
use std::os::fd::RawFd;

use crate::sys::environ::{self, CStrings};

/// The directories `execvp(3)` searches when the child's environment has no PATH.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// One descriptor of the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `/dev/null` for 0–2, closed above.
    Ignore,
    /// One end of a pipe whose other end stays here.
    Pipe,
    /// The same, with room for large messages.
    Channel,
    /// This descriptor of ours.
    Inherit(RawFd),
}

/// A process to start.
#[derive(Clone, Debug)]
pub struct Command {
    /// A path, or a name to look for in the PATH of `envp`.
    pub file: Vec<u8>,
    /// The arguments, `argv[0]` included.
    pub argv: CStrings,
    /// The whole environment.
    pub envp: CStrings,
    /// The working directory.
    pub cwd: Option<CString>,
    /// The child's descriptors, from 0 on. Missing ones up to 2 are ignored.
    pub stdio: Vec<Slot>,
    /// Lead a session of its own.
    pub detached: bool,
    /// User to become.
    pub uid: Option<u32>,
    /// Group to become.
    pub gid: Option<u32>,
}

impl Command {
    /// The paths to try, in order: the file itself when it names a directory, else that name in each
    /// directory of the child's PATH. An unset PATH is the default one; an empty entry is the
    /// working directory (`execvp(3)`).
    pub(super) fn candidates(&self) -> CStrings {
        let mut candidates = CStrings::default();
        if self.file.is_empty() || self.file.contains(&b'/') {
            candidates.push(&self.file);
            return candidates;
        }
        let path = self
            .envp
            .iter()
            .find_map(|pair| pair.strip_prefix(b"PATH="))
            .unwrap_or(DEFAULT_PATH);
        for directory in path.split(|&byte| byte == b':') {
            if directory.is_empty() {
                candidates.push(&self.file);
            } else {
                candidates.push(&[directory, b"/", &self.file].concat());
            }
        }
        candidates
    }
}

/// The environment of a child: `pairs`, or this process's own, with `overrides` in place of what
/// they name.
pub fn environment(pairs: Option<CStrings>, overrides: Option<&CStrings>) -> CStrings {
    let pairs = pairs.unwrap_or_else(environ::snapshot);
    let Some(overrides) = overrides else {
        return pairs;
    };
    let name = |pair: &[u8]| pair.split(|&byte| byte == b'=').next().map(<[u8]>::to_vec);
    let overridden: Vec<_> = overrides.iter().map(name).collect();
    let mut merged = CStrings::default();
    pairs
        .iter()
        .filter(|pair| !overridden.contains(&name(pair)))
        .chain(overrides.iter())
        .for_each(|pair| merged.push(pair));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(list: &[&str]) -> CStrings {
        let mut strings = CStrings::default();
        list.iter().for_each(|item| strings.push(item.as_bytes()));
        strings
    }

    fn candidates(file: &str, env: &[&str]) -> CStrings {
        let command = Command {
            file: file.into(),
            argv: strings(&[file]),
            envp: strings(env),
            cwd: None,
            stdio: Vec::new(),
            detached: false,
            uid: None,
            gid: None,
        };
        command.candidates()
    }

    #[test]
    fn the_childs_path_decides() {
        assert_eq!(
            candidates("ls", &["A=1", "PATH=/a:/b", "PATH=/c"]),
            strings(&["/a/ls", "/b/ls"])
        );
        assert_eq!(candidates("./ls", &["PATH=/a"]), strings(&["./ls"]));
        assert_eq!(candidates("", &["PATH=/a"]), strings(&[""]));
    }

    #[test]
    fn an_unset_path_is_not_an_empty_one() {
        assert_eq!(candidates("ls", &[]), strings(&["/bin/ls", "/usr/bin/ls"]));
        assert_eq!(candidates("ls", &["PATH="]), strings(&["ls"]));
        assert_eq!(
            candidates("ls", &["PATH=:/a:"]),
            strings(&["ls", "/a/ls", "ls"])
        );
    }

    #[test]
    fn overrides_replace_what_they_name() {
        let merged = environment(
            Some(strings(&["A=1", "FD=3", "FDX=4"])),
            Some(&strings(&["FD=5"])),
        );
        assert_eq!(merged, strings(&["A=1", "FDX=4", "FD=5"]));
    }
}
