//! What is printed, compared with the files beside: a difference rewrites the file and fails.

mod apply;
mod graphs;
mod plans;
mod problems;
mod sample;

use std::path::Path;

/// Compares with `tests/ui/NAME`; where they differ, writes the file anew and fails.
fn expect(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui").join(name);
    expect_at(&path, text);
}

fn expect_at(path: &Path, text: &str) {
    let before = std::fs::read_to_string(path).unwrap_or_default();
    if before != text {
        std::fs::write(path, text).unwrap();
        panic!("{} was out of date and has been written anew: look at the difference", path.display());
    }
}

/// What a renderer writes, as text.
fn text(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}
