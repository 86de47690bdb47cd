//! Cutting messages out of a byte stream. No I/O: bytes go in, frames come out.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// How messages are laid out on the wire; the child learns it from `NODE_CHANNEL_SERIALIZATION_MODE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One JSON text per line, in UTF-8. A frame is the line without its newline.
    Json,
    /// A length (`u32`, big-endian) and that many bytes of V8 serialisation. A frame is the body
    /// without the length.
    Advanced,
}

/// The longest message a peer may send, in bytes, unless the caller says otherwise: the longest
/// string V8 can hold.
pub const DEFAULT_LIMIT: usize = (512 << 20) - 24;

/// Room that [`FrameReader::space`] provides at least: what a stream socket gives at a time.
const LEAST_SPACE: usize = 64 << 10;

/// A buffer that grew beyond this is given back rather than kept for the next read. One is kept per
/// thread; fresh memory for every message of a megabyte would cost its page faults each time.
const LARGEST_KEPT: usize = 4 << 20;

const PREFIX: usize = size_of::<u32>();

/// The peer announced, or has already sent, a message longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The limit that was passed, in bytes.
    pub limit: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a message is longer than {} bytes", self.limit)
    }
}

impl std::error::Error for TooLarge {}

/// Bytes of lines that become one text.
const TOGETHER: usize = 64 << 10;

/// What is between two lines of a text. No line contains it, for none contains a newline.
const SEPARATOR: &[u8] = b",\n";

/// Some lines of a [`Batch`] in one piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines<'batch> {
    /// The lines with `",\n"` between them.
    pub text: Cow<'batch, [u8]>,
    /// How many.
    pub count: usize,
}

/// Complete frames, with the buffer they lie in.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    frames: Vec<Range<usize>>,
    start: u64,
}

impl Batch {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The frames, in the order they were sent.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.frames.iter().map(|frame| &self.bytes[frame.clone()])
    }

    /// The frames with their positions in the stream: where the body begins and where it ends,
    /// counted in bytes from the first byte ever read.
    pub fn positions(&self) -> impl ExactSizeIterator<Item = (Range<u64>, &[u8])> {
        self.frames.iter().map(|frame| {
            let position = self.start + frame.start as u64..self.start + frame.end as u64;
            (position, &self.bytes[frame.clone()])
        })
    }

    /// A text of the lines from the one at `first` on, `",\n"` between them, as the elements of a
    /// JSON array are written: as many as make [`TOGETHER`] bytes, and at least one.
    pub fn lines(&self, first: usize) -> Lines<'_> {
        let frames = &self.frames[first..];
        let Some(head) = frames.first() else {
            return Lines::default();
        };
        let together = frames
            .iter()
            .take_while(|frame| frame.end - head.start <= TOGETHER);
        let count = together.count().max(1);
        let text = if count == 1 {
            Cow::Borrowed(&self.bytes[head.clone()])
        } else {
            let size = frames[count - 1].end - head.start + count;
            let mut text = Vec::with_capacity(size);
            for frame in &frames[..count] {
                text.extend_from_slice(&self.bytes[frame.clone()]);
                text.extend_from_slice(SEPARATOR);
            }
            text.truncate(text.len() - SEPARATOR.len());
            Cow::Owned(text)
        };
        Lines { text, count }
    }

    /// All frames as they came, lengths or newlines included.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Collects bytes and cuts the frames in them as soon as they are complete.
///
/// Time is linear in the bytes: none of them is looked at twice, however a frame is split, and one
/// is copied at most once (the head of a frame that follows complete ones). Memory is bounded by
/// the limit, and follows what has really arrived, never what a length prefix announces.
#[derive(Debug)]
pub struct FrameReader {
    mode: Mode,
    limit: usize,
    /// Bytes from the first frame that has not been taken.
    buffer: Vec<u8>,
    /// Where `buffer` begins in the stream.
    origin: u64,
    /// Complete frames in `buffer`.
    frames: Vec<Range<usize>>,
    /// End of the last complete frame, its newline included.
    cut: usize,
    /// No newline between `cut` and here.
    searched: usize,
}

impl FrameReader {
    /// A reader at the start of a stream; a message may have `limit` bytes.
    pub fn new(mode: Mode, limit: usize) -> Self {
        Self {
            mode,
            limit,
            buffer: Vec::new(),
            origin: 0,
            frames: Vec::new(),
            cut: 0,
            searched: 0,
        }
    }

    /// The layout it cuts by.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// How many bytes have been put in so far: the position in the stream of the next one.
    pub fn position(&self) -> u64 {
        self.origin + self.buffer.len() as u64
    }

    /// The position in the stream where the first message that is not complete begins.
    pub fn next_message(&self) -> u64 {
        self.origin + self.cut as u64
    }

    /// Whether the head of a message is here and its end is not.
    pub fn is_partial(&self) -> bool {
        self.buffer.len() > self.cut
    }

    /// The buffer, with spare capacity to append the next bytes to. What it holds must not be
    /// changed. A reader that holds nothing has no buffer of its own and takes the one in `pool`,
    /// so that a thousand idle channels share one.
    pub fn space(&mut self, pool: &mut Vec<u8>) -> &mut Vec<u8> {
        if self.buffer.capacity() == 0 {
            std::mem::swap(&mut self.buffer, pool);
        }
        let spare = self.buffer.capacity() - self.buffer.len();
        if spare < LEAST_SPACE {
            match self.missing() {
                // The rest is no more than what doubling would provide: room for just that.
                Some(missing) if missing > LEAST_SPACE && missing <= self.buffer.len() => {
                    self.buffer.reserve_exact(missing);
                }
                Some(missing) if missing <= spare && missing > 0 => {}
                _ => self.buffer.reserve(LEAST_SPACE),
            }
        }
        &mut self.buffer
    }

    /// How many bytes the message whose head is here still lacks, where that is known.
    fn missing(&self) -> Option<usize> {
        if self.mode == Mode::Json {
            return None;
        }
        let partial = &self.buffer[self.cut..];
        let prefix = partial.first_chunk::<PREFIX>()?;
        Some((u32::from_be_bytes(*prefix) as usize).saturating_sub(partial.len() - PREFIX))
    }

    /// Cuts what was appended since the last call. After an error the stream cannot be followed any
    /// further; the frames before it can still be taken.
    pub fn cut(&mut self) -> Result<(), TooLarge> {
        match self.mode {
            Mode::Json => self.cut_lines(),
            Mode::Advanced => self.cut_lengths(),
        }
    }

    fn cut_lines(&mut self) -> Result<(), TooLarge> {
        let limit = self.limit;
        while let Some(length) = memchr::memchr(b'\n', &self.buffer[self.searched..]) {
            let end = self.searched + length;
            if end - self.cut > limit {
                return Err(TooLarge { limit });
            }
            self.frames.push(self.cut..end);
            self.cut = end + 1;
            self.searched = self.cut;
        }
        self.searched = self.buffer.len();
        if self.searched - self.cut > limit {
            Err(TooLarge { limit })
        } else {
            Ok(())
        }
    }

    fn cut_lengths(&mut self) -> Result<(), TooLarge> {
        let limit = self.limit;
        while let Some(prefix) = self.buffer[self.cut..].first_chunk::<PREFIX>() {
            let length = u32::from_be_bytes(*prefix) as usize;
            let start = self.cut + PREFIX;
            let arrived = self.buffer.len() - start;
            // A length alone is not a message yet: a child may end behind it, and Node waits too.
            if length > limit && arrived > 0 {
                return Err(TooLarge { limit });
            }
            if arrived < length {
                break;
            }
            self.cut = start + length;
            self.frames.push(start..self.cut);
        }
        Ok(())
    }

    /// Takes the complete frames, if there are any. The head of the next one stays, moved to the
    /// buffer in `pool`.
    pub fn take(&mut self, pool: &mut Vec<u8>) -> Option<Batch> {
        if self.buffer.is_empty() {
            recycle(std::mem::take(&mut self.buffer), pool);
        }
        if self.frames.is_empty() {
            return None;
        }
        let partial = &self.buffer[self.cut..];
        let mut next = Vec::new();
        if !partial.is_empty() {
            std::mem::swap(&mut next, pool);
            next.extend_from_slice(partial);
        }
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(self.cut);
        let start = self.origin;
        self.origin += self.cut as u64;
        self.searched = if self.mode == Mode::Json {
            self.buffer.len()
        } else {
            0
        };
        self.cut = 0;
        Some(Batch {
            bytes,
            frames: std::mem::take(&mut self.frames),
            start,
        })
    }
}

/// Leaves a buffer for the next reader, unless it grew too large to be worth keeping.
pub fn recycle(mut buffer: Vec<u8>, pool: &mut Vec<u8>) {
    if buffer.capacity() > pool.capacity() && buffer.capacity() <= LARGEST_KEPT {
        buffer.clear();
        *pool = buffer;
    }
}

#[cfg(test)]
mod tests;
