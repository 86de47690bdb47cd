//! NUL-terminated string arrays, the form in which `execve` takes arguments and environment.

use std::ffi::{CStr, c_char};

/// A list of C strings in one allocation: each string followed by its NUL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CStrings {
    bytes: Vec<u8>,
}

impl CStrings {
    /// Strings joined by NUL, as JavaScript sends them; `""` is one empty string.
    pub fn from_joined(joined: String) -> Self {
        let mut bytes = joined.into_bytes();
        bytes.push(0);
        Self { bytes }
    }

    /// Appends one string; whatever follows a NUL in it would become a string of its own.
    pub fn push(&mut self, string: &[u8]) {
        self.bytes.extend_from_slice(string);
        self.bytes.push(0);
    }

    /// The strings in order, without their NUL.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .split_inclusive(|&byte| byte == 0)
            .map(|string| &string[..string.len() - 1])
    }

    /// The null-terminated pointer array of `execve(2)`. It borrows from `self`: the pointers are
    /// good until `self` changes or goes.
    pub(crate) fn pointers(&self) -> Vec<*const c_char> {
        self.bytes
            .split_inclusive(|&byte| byte == 0)
            .map(|string| string.as_ptr().cast())
            .chain([std::ptr::null()])
            .collect()
    }
}

/// A copy of this process's environment as libc holds it, entries without `=` included.
///
/// On Node's main thread `process.env` is a view of exactly this, so a child without `options.env`
/// can be given it without a trip through JavaScript (`environ(7)`).
///
/// Call it on the main thread only: that is the thread that writes the environment.
pub fn snapshot() -> CStrings {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }

    let mut strings = CStrings::default();
    // SAFETY: `environ` is libc's own variable, a plain pointer that is always initialised.
    let mut entry = unsafe { environ };
    if entry.is_null() {
        return strings;
    }
    loop {
        // SAFETY: `entry` walks the null-terminated array and stops at its end; the caller is on
        // the thread that changes the environment, so it does not change meanwhile.
        let string = unsafe { *entry };
        if string.is_null() {
            return strings;
        }
        // SAFETY: entries before the terminating null are NUL-terminated strings (environ(7)).
        let string = unsafe { CStr::from_ptr(string) };
        strings.push(string.to_bytes());
        // SAFETY: `*entry` was not the terminating null, so the next element exists.
        entry = unsafe { entry.add(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_strings_keep_empty_ones() {
        let strings = CStrings::from_joined("a\0\0c".to_owned());
        assert_eq!(
            strings.iter().collect::<Vec<_>>(),
            [&b"a"[..], &b""[..], &b"c"[..]]
        );
        assert_eq!(strings.pointers().len(), 4);
        assert_eq!(CStrings::from_joined(String::new()).iter().count(), 1);
        assert_eq!(CStrings::default().iter().count(), 0);
    }

    #[test]
    fn snapshot_is_the_environment() {
        let wanted = std::env::var("PATH").expect("tests run with a PATH");
        let found = snapshot()
            .iter()
            .find_map(|pair| pair.strip_prefix(b"PATH="))
            .map(<[u8]>::to_vec);
        assert_eq!(found, Some(wanted.into_bytes()));
    }
}
