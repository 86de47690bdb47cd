//! `cargo +nightly fuzz run --features fuzzer frames`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rs_child_process_fuzz::check(data));
