//! What the fuzz targets check, with every input that is kept: the seeds, and what was once found.
//!
//! Where the tools of the fuzz targets cannot be had, `at_length` does their work without measuring what was covered:
//!
//!     FUZZ_SECONDS=600 FUZZ_SEED=1 cargo test --test it at_length -- --ignored --nocapture

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::engine::mutate::{Random, mutate, words};

#[path = "../fuzz/checks.rs"]
mod checks;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 9, "{target}: {}", paths.len());
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn each(target: &str, check: impl Fn(&[u8])) {
    for input in corpus(target) {
        eprintln!("{}", input.escape_ascii());
        check(&input);
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

#[test]
fn some_more() {
    let words = words();
    for (seed, target, check) in targets() {
        let (mut random, corpus) = (Random(seed), corpus(target));
        for _ in 0..60 {
            let input = mutate(&mut random, &corpus, &words);
            eprintln!("{}", input.escape_ascii());
            check(&input);
        }
    }
}

/// A seed, a folder of inputs, and what is checked with them.
type Target = (u64, &'static str, fn(&[u8]));

fn targets() -> [Target; 2] {
    [(1, "request", checks::request), (2, "signature", checks::signature)]
}

#[test]
#[ignore = "takes as long as FUZZ_SECONDS says"]
fn at_length() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |text| text.parse().expect("a whole number"))
    };
    let (seconds, first, words) = (number("FUZZ_SECONDS", 600), number("FUZZ_SEED", 1), words());
    let mut found = 0;
    for (seed, target, check) in targets() {
        let (mut random, corpus) = (Random(seed ^ (first << 8)), corpus(target));
        let (start, mut tried) = (Instant::now(), 0_u64);
        while start.elapsed() < Duration::from_secs(seconds / 2) {
            let input = mutate(&mut random, &corpus, &words);
            tried += 1;
            if catch_unwind(AssertUnwindSafe(|| check(&input))).is_err() {
                found += 1;
                println!("{target}: {}", input.escape_ascii());
            }
        }
        println!("{target}: {tried} inputs in {:.0?}", start.elapsed());
    }
    assert_eq!(found, 0);
}
