//! What the fuzz targets check, with every input that is kept: the seeds, and what was once found.

use std::path::Path;

#[path = "../fuzz/checks.rs"]
mod checks;

fn each(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 9, "{target}: {}", paths.len());
    for path in paths {
        eprintln!("{}", path.display());
        check(&std::fs::read(path).unwrap());
    }
}

#[test]
fn signatures() {
    each("signature", checks::signature);
}

#[test]
fn requests() {
    each("request", checks::request);
}
