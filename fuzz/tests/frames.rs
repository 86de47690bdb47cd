//! The same property without a fuzzer: every split of streams made for it, and random ones.

use rs_child_process::ipc::frame::Mode;
use rs_child_process_fuzz::{check, model, read_in_pieces};

/// xorshift64*: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn streams() -> Vec<(Mode, Vec<u8>)> {
    let json = b"{\"a\":1}\n\n\"\xc3\xa4\xff\"\n{\"b\":[1,2,3]}\nrest".to_vec();
    let mut advanced = Vec::new();
    for body in [&b"abc"[..], b"", b"\n\n\n\n\n", &[0xff; 300]] {
        advanced.extend_from_slice(&(body.len() as u32).to_be_bytes());
        advanced.extend_from_slice(body);
    }
    advanced.extend_from_slice(&[0, 0, 0, 9, 1]);
    vec![(Mode::Json, json), (Mode::Advanced, advanced)]
}

#[test]
fn every_two_sizes_of_pieces_give_the_same_frames() {
    for (mode, stream) in streams() {
        for limit in [0, 3, 7, 299, 300, 1000] {
            let expected = model(mode, limit, &stream);
            for first in 0..=255 {
                for second in [0, 1, 2, 3, 4, 7, 100] {
                    let actual = read_in_pieces(mode, limit, &stream, &[first, second]);
                    assert_eq!(
                        actual.frames, expected.frames,
                        "{mode:?} {limit} {first} {second}"
                    );
                    assert_eq!(actual.too_large, expected.too_large);
                }
            }
        }
    }
}

#[test]
fn every_split_in_two_gives_the_same_frames() {
    for (mode, stream) in streams() {
        let expected = model(mode, 1000, &stream);
        for split in 1..=stream.len().min(256) {
            let actual = read_in_pieces(mode, 1000, &stream, &[(split - 1) as u8, 255]);
            assert_eq!(actual, expected, "{mode:?} split at {split}");
        }
    }
}

#[test]
fn random_streams_are_cut_as_the_model_cuts_them() {
    let mut random = Random(20);
    for _ in 0..200_000 {
        let length = random.below(200) as usize;
        // Small numbers and newlines, so that frames do come to their end.
        let data: Vec<u8> = (0..length)
            .map(|_| match random.below(4) {
                0 => b'\n',
                1 => random.below(6) as u8,
                2 => 0,
                _ => random.next() as u8,
            })
            .collect();
        check(&data);
    }
}
