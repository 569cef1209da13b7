//! Arguments in, exit code out.

use std::process::ExitCode;

/// The system's allocator makes parallel diffs slower than sequential ones.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    apigctl::cli::main()
}
