//! Any bytes as a request, unsigned, badly signed and well signed.
#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::signature(data));
