//! What went through the gateways, as far as it was recorded: minutes of calls, by API and environment.
//!
//! Nothing is called through the engine, so it measures nothing by itself. Samples are fed, from a file or by
//! `POST /_engine/traffic`, and the monitoring calls of all protocols answer from them. They are kept in memory only: at most
//! [`MOST`], then the oldest minutes go.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;

/// The most samples that are kept.
const MOST: usize = 1_000_000;

/// What went through in one minute.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sample {
    /// When: any time of the minute, as RFC 3339.
    #[serde(deserialize_with = "timestamp")]
    pub time: jiff::Timestamp,
    /// The id of the group.
    pub group: String,
    /// The id of the API.
    #[serde(default)]
    pub api: String,
    /// The environment, or stage, by its name; the one that every gateway has where it is not said.
    #[serde(default = "release")]
    pub stage: String,
    /// The calls.
    #[serde(default)]
    pub requests: u64,
    /// Those that were answered with a status of 400 to 499.
    #[serde(default)]
    pub client_errors: u64,
    /// Those that were answered with a status of 500 or above.
    #[serde(default)]
    pub server_errors: u64,
    /// The calls by the status that they were answered with, as far as it is known.
    #[serde(default)]
    pub codes: BTreeMap<u16, u64>,
    /// What callers sent, in bytes.
    #[serde(default)]
    pub bytes_in: u64,
    /// What they got, in bytes.
    #[serde(default)]
    pub bytes_out: u64,
    /// How long an answer took on average, in milliseconds.
    #[serde(default)]
    pub latency_ms: f64,
    /// How long the slowest took, in milliseconds.
    #[serde(default)]
    pub latency_max_ms: f64,
}

fn release() -> String {
    "RELEASE".to_owned()
}

fn timestamp<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<jiff::Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| serde::de::Error::custom(format!("`{text}` is no time: {error}")))
}

/// What is fed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fed {
    samples: Vec<Sample>,
}

/// A minute of several samples together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Minute {
    pub(crate) requests: u64,
    pub(crate) client_errors: u64,
    pub(crate) server_errors: u64,
    pub(crate) codes: BTreeMap<u16, u64>,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// The average, weighed by calls.
    pub(crate) latency_ms: f64,
    pub(crate) latency_max_ms: f64,
}

impl Minute {
    fn add(&mut self, sample: &Sample) {
        let calls = self.requests + sample.requests;
        if calls > 0 {
            let weight = |n: u64| precise(n) / precise(calls);
            self.latency_ms =
                self.latency_ms * weight(self.requests) + sample.latency_ms * weight(sample.requests);
        }
        self.requests = calls;
        self.client_errors += sample.client_errors;
        self.server_errors += sample.server_errors;
        for (code, count) in &sample.codes {
            *self.codes.entry(*code).or_default() += count;
        }
        self.bytes_in += sample.bytes_in;
        self.bytes_out += sample.bytes_out;
        self.latency_max_ms = self.latency_max_ms.max(sample.latency_max_ms).max(sample.latency_ms);
    }
}

/// Numbers of calls are far below what a double holds exactly.
#[allow(clippy::cast_precision_loss, reason = "numbers of calls are far below 2^53")]
fn precise(n: u64) -> f64 {
    n as f64
}

/// Whose minutes are asked for; what is empty is not asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Of<'a> {
    pub(crate) group: &'a str,
    pub(crate) api: &'a str,
    pub(crate) stage: &'a str,
}

impl Of<'_> {
    fn fits(&self, sample: &Sample) -> bool {
        let fits = |asked: &str, said: &str| asked.is_empty() || asked == said;
        fits(self.group, &sample.group) && fits(self.api, &sample.api) && fits(self.stage, &sample.stage)
    }
}

/// All samples, by the beginning of their minute in seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Traffic(RwLock<BTreeMap<i64, Vec<Sample>>>);

impl Traffic {
    /// Takes samples in; how many there were, or what is wrong with them: then none is taken.
    pub(crate) fn feed(&self, text: &[u8]) -> Result<usize, String> {
        let fed: Fed = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        for (i, sample) in fed.samples.iter().enumerate() {
            if sample.group.is_empty() {
                return Err(format!("samples[{i}].group is empty"));
            }
            if sample.client_errors + sample.server_errors > sample.requests {
                return Err(format!("samples[{i}] has more errors than requests"));
            }
            if let Some(code) = sample.codes.keys().find(|code| !(100..600).contains(*code)) {
                return Err(format!("samples[{i}].codes: {code} is no status"));
            }
            if sample.codes.values().fold(0, |sum: u64, n| sum.saturating_add(*n)) > sample.requests {
                return Err(format!("samples[{i}].codes has more calls than requests"));
            }
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let count = fed.samples.len();
        for sample in fed.samples {
            all.entry(sample.time.as_second().div_euclid(60) * 60).or_default().push(sample);
        }
        let mut kept: usize = all.values().map(Vec::len).sum();
        while kept > MOST {
            let Some((_, oldest)) = all.pop_first() else { break };
            kept -= oldest.len();
        }
        Ok(count)
    }

    /// The minutes from `from` to before `to`, in seconds since 1970, that have anything.
    pub(crate) fn minutes(&self, of: Of<'_>, from: i64, to: i64) -> Vec<(i64, Minute)> {
        if from >= to {
            return Vec::new();
        }
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let minutes = all.range(from..to).filter_map(|(at, samples)| {
            let mut fitting = samples.iter().filter(|sample| of.fits(sample)).peekable();
            fitting.peek()?;
            let mut minute = Minute::default();
            fitting.for_each(|sample| minute.add(sample));
            Some((*at, minute))
        });
        minutes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_minute_are_one() {
        let traffic = Traffic::default();
        let fed = br#"{"samples": [
            {"time": "2026-11-22T10:00:10Z", "group": "g", "api": "a", "requests": 10, "latencyMs": 2, "bytesIn": 5},
            {"time": "2026-11-22T10:00:50Z", "group": "g", "api": "b", "requests": 30, "latencyMs": 6, "serverErrors": 1},
            {"time": "2026-11-22T10:01:00Z", "group": "g", "api": "a", "stage": "TEST", "requests": 1}
        ]}"#;
        assert_eq!(traffic.feed(fed), Ok(3));
        let start = "2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
        let minutes = traffic.minutes(Of { group: "g", ..Of::default() }, start, start + 120);
        assert_eq!(minutes.len(), 2);
        assert_eq!(minutes[0].1.requests, 40);
        assert!((minutes[0].1.latency_ms - 5.0).abs() < 1e-9);
        let of = Of { group: "g", api: "a", stage: "RELEASE" };
        assert_eq!(traffic.minutes(of, start, start + 120).len(), 1, "TEST is another stage");
        assert!(traffic.minutes(of, start + 60, start).is_empty());
        let of = Of { group: "g", api: "b", stage: "PRE" };
        assert!(traffic.minutes(of, start, start + 120).is_empty(), "what is not said is RELEASE");
    }

    #[test]
    fn what_makes_no_sense_is_refused_as_a_whole() {
        let traffic = Traffic::default();
        for (text, said) in [
            (
                &br#"{"samples": [{"time": "2026-11-22T10:00:10Z", "group": ""}]}"#[..],
                "samples[0].group is empty",
            ),
            (
                br#"{"samples": [{"time": "2026-11-22T10:00:10Z", "group": "g", "clientErrors": 1}]}"#,
                "samples[0] has more errors than requests",
            ),
            (
                br#"{"samples": [{"time": "2026-11-22T10:00:10Z", "group": "g", "requests": 1, "codes": {"200": 2}}]}"#,
                "samples[0].codes has more calls than requests",
            ),
            (
                br#"{"samples": [{"time": "2026-11-22T10:00:10Z", "group": "g", "requests": 1, "codes": {"99": 1}}]}"#,
                "samples[0].codes: 99 is no status",
            ),
        ] {
            assert_eq!(traffic.feed(text).unwrap_err(), said);
        }
        assert!(traffic.feed(br#"{"samples": [{"time": "noon", "group": "g"}]}"#).is_err());
        assert!(traffic.minutes(Of::default(), 0, i64::MAX).is_empty());
    }
}
