//! Inputs for the checks of the fuzz targets, made from those that are kept, without any tool: the same seed, the same
//! inputs.

use serde_json::Value;

use crate::engine::support::protocol;

/// A small generator of pseudo-random numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a limit, which is above zero.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What is put into inputs: paths, names of fields, and values that are at some limit.
pub(crate) fn words() -> Vec<String> {
    let mut out: Vec<String> =
        ["", "null", "true", "{}", "[]", "-1", "0", "2147483648", "9223372036854775808", "1e999", "\"\""]
            .map(str::to_owned)
            .into();
    out.extend(
        ["%00", "%2f", "%", "\u{1f4a9}", "\\ud800", "\n", "\r\n", ":", "&", "{group_id}", "{api_id}"]
            .map(str::to_owned),
    );
    out.extend(
        ["GET ", "POST ", "PUT ", "DELETE ", "?action=online", "?limit=-1", "precise_search=name"]
            .map(str::to_owned),
    );
    for operation in protocol()["operations"].as_array().unwrap() {
        let path = operation["p"].as_str().unwrap();
        let path = path.replace("/v2/{project_id}/apigw/instances/{instance_id}", "{root}");
        out.push(format!("{} {path}", operation["m"].as_str().unwrap()));
        for field in ["b", "q"].iter().flat_map(|part| operation[*part].as_array().into_iter().flatten()) {
            out.push(format!("\"{}\": ", field["n"].as_str().unwrap()));
            out.extend(field["v"].as_array().into_iter().flatten().map(Value::to_string));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Changes an input in one to eight places.
pub(crate) fn mutate(random: &mut Random, corpus: &[Vec<u8>], words: &[String]) -> Vec<u8> {
    let mut out = random.pick(corpus).clone();
    for _ in 0..=random.below(8) {
        let at = random.below(out.len() + 1);
        let end = (at + random.below(24)).min(out.len());
        match random.below(8) {
            0 if at < out.len() => out[at] ^= 1 << random.below(8),
            1 if at < out.len() => out[at] = u8::try_from(random.below(256)).unwrap(),
            2 => out.drain(at..end).for_each(drop),
            3 => {
                let copy = out[at..end].to_vec();
                out.splice(at..at, copy.repeat(1 + random.below(4)));
            }
            4 => {
                let other = random.pick(corpus);
                let from = random.below(other.len() + 1);
                out.truncate(at);
                out.extend(&other[from..]);
            }
            5 => {
                out.splice(at..end, random.pick(words).bytes());
            }
            6 => {
                // Another operation with the same body.
                let first = out.iter().position(|byte| *byte == b'\n').unwrap_or(out.len());
                let calls: Vec<&String> = words
                    .iter()
                    .filter(|word| word.contains(" {root}") || word.contains(" /v1.0/"))
                    .collect();
                out.splice(..first, random.pick(&calls).bytes());
            }
            _ => {
                out.splice(at..at, random.pick(words).bytes());
            }
        }
    }
    out
}
