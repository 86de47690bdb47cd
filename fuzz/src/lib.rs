//! Frame cutting compared with a reader that has the whole stream before it.

use rs_child_process::ipc::frame::{FrameReader, Mode};

/// What a stream comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The frames, with where their bodies begin in the stream.
    pub frames: Vec<(u64, Vec<u8>)>,
    /// A frame passed the limit, and nothing after it counts.
    pub too_large: bool,
    /// Bytes of a frame that has not come to its end.
    pub is_partial: bool,
}

/// The plain meaning of the format: no buffer, no state, no splits.
pub fn model(mode: Mode, limit: usize, stream: &[u8]) -> Outcome {
    let mut outcome = Outcome {
        frames: Vec::new(),
        too_large: false,
        is_partial: false,
    };
    let mut at = 0;
    while at < stream.len() {
        let rest = &stream[at..];
        let (head, length, tail) = match mode {
            Mode::Json => match memchr::memchr(b'\n', rest) {
                Some(length) => (0, length, 1),
                None => {
                    outcome.too_large = rest.len() > limit;
                    break;
                }
            },
            Mode::Advanced => match rest.first_chunk() {
                Some(prefix) => (4, u32::from_be_bytes(*prefix) as usize, 0),
                None => break,
            },
        };
        // A length alone announces nothing yet: a message begins with its first byte.
        if length > limit && rest.len() > head {
            outcome.too_large = true;
            break;
        }
        let Some(body) = rest.get(head..head + length) else {
            break;
        };
        outcome.frames.push(((at + head) as u64, body.to_vec()));
        at += head + length + tail;
    }
    outcome.is_partial = at < stream.len();
    outcome
}

/// The reader's answer when the stream comes in pieces of these sizes, over and over.
pub fn read_in_pieces(mode: Mode, limit: usize, stream: &[u8], sizes: &[u8]) -> Outcome {
    let mut reader = FrameReader::new(mode, limit);
    let mut pool = Vec::new();
    let mut frames = Vec::new();
    let mut too_large = false;
    let mut rest = stream;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() && !too_large {
        let wanted = sizes.next().map_or(1, |&size| usize::from(size) + 1);
        let space = reader.space(&mut pool);
        let room = space.capacity() - space.len();
        assert!(room > 0, "no room to read into");
        let (piece, after) = rest.split_at(wanted.min(rest.len()).min(room));
        space.extend_from_slice(piece);
        rest = after;
        too_large = reader.cut().is_err();
        if let Some(batch) = reader.take(&mut pool) {
            frames.extend(
                batch
                    .positions()
                    .map(|(position, frame)| (position.start, frame.to_vec())),
            );
            rs_child_process::ipc::frame::recycle(batch.into_bytes(), &mut pool);
        }
    }
    Outcome {
        frames,
        too_large,
        is_partial: reader.is_partial(),
    }
}

/// One test: the first bytes say how, the others are the stream.
pub fn check(data: &[u8]) {
    let Some((&[kind, limit, first, second], stream)) = data.split_first_chunk::<4>() else {
        return;
    };
    let mode = if kind & 1 == 0 {
        Mode::Json
    } else {
        Mode::Advanced
    };
    let limit = usize::from(limit) * if kind & 2 == 0 { 1 } else { 1024 };
    let expected = model(mode, limit, stream);
    let actual = read_in_pieces(mode, limit, stream, &[first, second]);
    assert_eq!(actual.frames, expected.frames);
    assert_eq!(actual.too_large, expected.too_large);
    if !expected.too_large {
        assert_eq!(actual.is_partial, expected.is_partial);
    }
}
