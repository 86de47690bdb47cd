use super::*;

const LIMIT: usize = 1 << 20;

fn encode(mode: Mode, messages: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for message in messages {
        match mode {
            Mode::Json => {
                stream.extend_from_slice(message);
                stream.push(b'\n');
            }
            Mode::Advanced => {
                stream.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
                stream.extend_from_slice(message);
            }
        }
    }
    stream
}

/// Feeds the stream in the given pieces, taking frames after each, and returns the frames with
/// where they begin.
fn read(mode: Mode, pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
    let mut reader = FrameReader::new(mode, LIMIT);
    let mut pool = Vec::new();
    let mut frames = Vec::new();
    for piece in pieces {
        reader.space(&mut pool).extend_from_slice(piece);
        reader.cut().unwrap();
        if let Some(batch) = reader.take(&mut pool) {
            frames.extend(
                batch
                    .positions()
                    .map(|(position, frame)| (position.start, frame.to_vec())),
            );
            recycle(batch.into_bytes(), &mut pool);
        }
    }
    assert!(!reader.is_partial());
    frames
}

fn messages(mode: Mode) -> Vec<Vec<u8>> {
    match mode {
        Mode::Json => vec![
            b"{\"a\":1}".to_vec(),
            b"".to_vec(),
            "\"\u{e9}\u{1f600}\"".into(),
            b"null".to_vec(),
        ],
        Mode::Advanced => vec![
            b"\xff\x0f\n".to_vec(),
            b"".to_vec(),
            b"\n\0\0\0\x01".to_vec(),
            vec![b'x'; 300],
        ],
    }
}

fn positions(mode: Mode, messages: &[&[u8]]) -> Vec<(u64, Vec<u8>)> {
    let (before, after) = if mode == Mode::Json { (0, 1) } else { (4, 0) };
    let mut at = 0;
    let place = |message: &&[u8]| {
        at += before;
        let start = at;
        at += message.len() as u64 + after;
        (start, message.to_vec())
    };
    messages.iter().map(place).collect()
}

#[test]
fn every_split_in_two_and_three_gives_the_same_frames() {
    for mode in [Mode::Json, Mode::Advanced] {
        let messages = messages(mode);
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let stream = encode(mode, &messages);
        let expected = positions(mode, &messages);
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let pieces = [&stream[..first], &stream[first..second], &stream[second..]];
                assert_eq!(
                    read(mode, &pieces),
                    expected,
                    "{mode:?} split at {first} and {second}"
                );
            }
        }
    }
}

#[test]
fn byte_by_byte_gives_the_same_frames() {
    for mode in [Mode::Json, Mode::Advanced] {
        let messages = messages(mode);
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let stream = encode(mode, &messages);
        let pieces: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(mode, &pieces), positions(mode, &messages));
    }
}

/// Pseudo-random streams (xorshift) in pseudo-random pieces.
#[test]
fn arbitrary_streams_in_arbitrary_pieces() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for round in 0..300 {
        let mode = if round % 2 == 0 {
            Mode::Json
        } else {
            Mode::Advanced
        };
        let messages: Vec<Vec<u8>> = (0..random(20))
            .map(|_| {
                let length = if random(10) == 0 {
                    random(200_000)
                } else {
                    random(50)
                };
                let newline = |byte: u8| {
                    if mode == Mode::Json && byte == b'\n' {
                        b' '
                    } else {
                        byte
                    }
                };
                (0..length).map(|_| newline(random(256) as u8)).collect()
            })
            .collect();
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let stream = encode(mode, &messages);
        let mut rest = &stream[..];
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(1 + random(rest.len().min(70_000)));
            pieces.push(piece);
            rest = after;
        }
        assert_eq!(
            read(mode, &pieces),
            positions(mode, &messages),
            "round {round}"
        );
    }
}

#[test]
fn whole_frames_can_be_taken_as_they_came() {
    let mut reader = FrameReader::new(Mode::Advanced, LIMIT);
    let mut pool = Vec::new();
    let stream = encode(Mode::Advanced, &[b"one", b"two"]);
    reader
        .space(&mut pool)
        .extend_from_slice(&[&stream[..], &b"\0\0\0\x05th"[..]].concat());
    reader.cut().unwrap();
    let batch = reader.take(&mut pool).unwrap();
    assert_eq!(batch.len(), 2);
    assert_eq!(batch.into_bytes(), stream);
    assert!(reader.is_partial());
    assert_eq!(reader.position(), stream.len() as u64 + 6);
}

#[test]
fn a_lying_length_is_refused_and_allocates_nothing() {
    let mut reader = FrameReader::new(Mode::Advanced, DEFAULT_LIMIT);
    let mut pool = Vec::new();
    reader
        .space(&mut pool)
        .extend_from_slice(&encode(Mode::Advanced, &[b"fine"]));
    reader
        .space(&mut pool)
        .extend_from_slice(b"\xff\xff\xff\xff");
    assert_eq!(reader.cut(), Ok(()), "a length alone is not a message");
    reader.space(&mut pool).push(0);
    assert_eq!(
        reader.cut(),
        Err(TooLarge {
            limit: DEFAULT_LIMIT
        })
    );
    assert_eq!(
        reader.take(&mut pool).map(|batch| batch.len()),
        Some(1),
        "what came before is not lost"
    );
    assert!(reader.space(&mut pool).capacity() < 2 * LEAST_SPACE);
}

#[test]
fn an_announced_length_allocates_nothing_before_it_comes() {
    let mut reader = FrameReader::new(Mode::Advanced, DEFAULT_LIMIT);
    let mut pool = Vec::new();
    reader
        .space(&mut pool)
        .extend_from_slice(&u32::try_from(DEFAULT_LIMIT).unwrap().to_be_bytes());
    assert_eq!(reader.cut(), Ok(()));
    assert!(reader.space(&mut pool).capacity() < 4 * LEAST_SPACE);
}

#[test]
fn the_room_for_a_large_frame_grows_by_doubling_and_ends_with_what_is_missing() {
    let length: usize = 10 << 20;
    let mut reader = FrameReader::new(Mode::Advanced, DEFAULT_LIMIT);
    let mut pool = Vec::new();
    let stream = encode(Mode::Advanced, &[&vec![7; length]]);
    let mut growths = 0;
    for piece in stream.chunks(50_000) {
        let before = reader.space(&mut Vec::new()).capacity();
        let space = reader.space(&mut pool);
        growths += usize::from(space.capacity() != before);
        space.extend_from_slice(piece);
        reader.cut().unwrap();
    }
    assert!(growths < 20, "{growths} growths");
    let batch = reader.take(&mut pool).unwrap();
    assert!(batch.into_bytes().capacity() < length + 2 * LEAST_SPACE);
}

#[test]
fn an_endless_line_is_refused() {
    let mut reader = FrameReader::new(Mode::Json, 100);
    let mut pool = Vec::new();
    reader.space(&mut pool).extend_from_slice(b"[]\n");
    reader.space(&mut pool).extend_from_slice(&[b'x'; 100]);
    assert_eq!(reader.cut(), Ok(()), "exactly the limit");
    reader.space(&mut pool).push(b'x');
    assert_eq!(reader.cut(), Err(TooLarge { limit: 100 }));
    assert_eq!(reader.take(&mut pool).map(|batch| batch.len()), Some(1));
}

#[test]
fn a_complete_line_over_the_limit_is_refused_as_well() {
    let mut reader = FrameReader::new(Mode::Json, 10);
    let mut pool = Vec::new();
    reader.space(&mut pool).extend_from_slice(b"12345678901\n");
    assert_eq!(reader.cut(), Err(TooLarge { limit: 10 }));
    assert!(reader.take(&mut pool).is_none());
}

#[test]
fn idle_readers_share_the_pool() {
    let mut pool = Vec::new();
    let mut reader = FrameReader::new(Mode::Json, LIMIT);
    reader.space(&mut pool).extend_from_slice(b"1\n");
    reader.cut().unwrap();
    recycle(reader.take(&mut pool).unwrap().into_bytes(), &mut pool);
    let kept = pool.capacity();
    assert!(kept >= LEAST_SPACE);
    assert_eq!(
        reader.space(&mut pool).capacity(),
        kept,
        "the same buffer again"
    );
    assert_eq!(pool.capacity(), 0);
    assert!(reader.take(&mut pool).is_none());
    assert_eq!(pool.capacity(), kept, "and back, since nothing came");
}

#[test]
fn lines_become_texts_of_some_size_and_long_ones_stay_alone() {
    let long = vec![b'x'; TOGETHER];
    let half = vec![b'y'; TOGETHER / 2 - 1];
    let messages: [&[u8]; 7] = [b"1", b"", b"[2,3]", &half, &long, &half, &half];
    let mut reader = FrameReader::new(Mode::Json, LIMIT);
    let mut pool = Vec::new();
    let stream = encode(Mode::Json, &messages);
    reader.space(&mut pool).extend_from_slice(&stream);
    reader.cut().unwrap();
    let batch = reader.take(&mut pool).unwrap();

    let mut texts = Vec::new();
    let mut first = 0;
    while first < batch.len() {
        let lines = batch.lines(first);
        texts.push(lines.text.to_vec());
        first += lines.count;
    }
    let together = |messages: &[&[u8]]| messages.join(&b",\n"[..]);
    assert_eq!(
        texts,
        [
            together(&messages[..4]),
            long.clone(),
            together(&messages[5..]),
        ]
    );
    assert_eq!(batch.lines(first), Lines::default());
}
