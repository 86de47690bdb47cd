//! Recognising the control message that owns a descriptor.
//!
//! Messages are parsed by V8, which is faster at it. The channel only has to know which of them a
//! received descriptor belongs to, so this is asked of the few messages that arrive together with
//! one, and of no other.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;

use super::frame::Mode;

const NODE_HANDLE: &str = "NODE_HANDLE";

/// `{ cmd: 'NODE_HANDLE', …` as V8 serialises it, after the two bytes of header.
const ADVANCED_START: &[u8] = b"o\x22\x03cmd\x22\x0bNODE_HANDLE";
const ADVANCED_HEADER: usize = 2;

#[derive(Deserialize)]
struct Control<'a> {
    #[serde(borrow)]
    cmd: Cow<'a, str>,
}

/// Whether a message is `{ cmd: 'NODE_HANDLE', … }`, the envelope of a message sent with a handle.
pub fn owns_descriptor(mode: Mode, message: &[u8]) -> bool {
    match mode {
        // The search is an order of magnitude faster than the parser and clears nearly everything.
        Mode::Json => {
            memmem::find(message, NODE_HANDLE.as_bytes()).is_some()
                && serde_json::from_slice::<Control<'_>>(message)
                    .is_ok_and(|control| control.cmd == NODE_HANDLE)
        }
        Mode::Advanced => message
            .get(ADVANCED_HEADER..)
            .is_some_and(|body| body.starts_with(ADVANCED_START)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> bool {
        owns_descriptor(Mode::Json, text.as_bytes())
    }

    #[test]
    fn the_envelope_is_recognised() {
        assert!(json(
            r#"{"cmd":"NODE_HANDLE","type":"net.Socket","msg":{"a":1}}"#
        ));
        assert!(json(
            r#" { "type" : null, "msg": "\ud83d", "cmd" : "NODE_HANDLE" } "#
        ));
    }

    #[test]
    fn other_messages_are_not() {
        for text in [
            r#"{"cmd":"NODE_HANDLE_ACK"}"#,
            r#"{"msg":{"cmd":"NODE_HANDLE"}}"#,
            r#"["cmd","NODE_HANDLE"]"#,
            r#""NODE_HANDLE""#,
            r#"{"cmd":["NODE_HANDLE"]}"#,
            r#"{"cmd":"NODE_HANDLE""#,
            "",
        ] {
            assert!(!json(text), "{text}");
        }
    }

    #[test]
    fn the_serialised_envelope_is_recognised() {
        let envelope =
            b"\xff\x0fo\"\x03cmd\"\x0bNODE_HANDLE\"\x04type\"\x0anet.Socket\"\x03msg_{\x03";
        assert!(owns_descriptor(Mode::Advanced, envelope));
        assert!(!owns_descriptor(
            Mode::Advanced,
            b"\xff\x0fo\"\x03cmd\"\x0fNODE_HANDLE_ACK{\x01"
        ));
        assert!(!owns_descriptor(Mode::Advanced, b"\xff"));
    }
}
