//! What went through groups, as small charts or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{BOLD, DIM, Options, escape};
use crate::traffic::{Point, Traffic};

/// The traffic of one group.
#[derive(Debug)]
pub struct OfGroup {
    /// Its name.
    pub group: String,
    /// What the gateway says.
    pub traffic: Traffic,
}

/// The time that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The beginning of its first minute, in seconds since 1970.
    pub from: i64,
    /// How many minutes.
    pub minutes: u32,
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The most columns of a chart.
const COLUMNS: usize = 60;

/// Writes them for people.
///
/// # Errors
/// When the writer fails.
pub fn text(out: &mut dyn Write, groups: &[OfGroup], span: Span, options: &Options) -> io::Result<()> {
    let widest = groups.iter().map(|of| of.group.chars().count()).max().unwrap_or_default();
    for of in groups {
        let name = format!("{:<widest$}", of.group);
        write!(out, "{}  ", options.paint(BOLD, escape::plain(&name)))?;
        match &of.traffic {
            Traffic::Unknown(reason) => {
                writeln!(out, "{}", options.paint(DIM, escape::plain(&format!("unknown: {reason}"))))?;
            }
            Traffic::Measured(points) => {
                writeln!(out, "{}", chart(points, span))?;
                let line = format!("{:widest$}  {}", "", summary(points, span));
                writeln!(out, "{}", options.paint(DIM, escape::plain(&line)))?;
            }
        }
    }
    Ok(())
}

/// Calls by time, each column as high as its share of the highest; minutes without calls are low dots.
fn chart(points: &[Point], span: Span) -> String {
    let minutes = usize::try_from(span.minutes.max(1)).unwrap_or(1);
    let columns = minutes.min(COLUMNS);
    let mut sums = vec![0.0; columns];
    for point in points {
        let at = usize::try_from((point.time - span.from).div_euclid(60)).unwrap_or(0).min(minutes - 1);
        sums[at * columns / minutes] += point.requests;
    }
    let most = sums.iter().copied().fold(0.0, f64::max);
    let bar = |sum: &f64| {
        if *sum <= 0.0 {
            return '·';
        }
        let share = BARS
            .iter()
            .enumerate()
            .rev()
            .find(|(i, _)| *sum / most * 8.0 > f64::from(u8::try_from(*i).unwrap_or(0)));
        share.map_or(BARS[0], |(_, bar)| *bar)
    };
    sums.iter().map(bar).collect()
}

fn summary(points: &[Point], span: Span) -> String {
    let sum = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>();
    let (requests, errors) = (sum(|p| p.requests), sum(|p| p.errors));
    let peak = points.iter().map(|p| p.requests).fold(0.0, f64::max);
    let mut parts =
        vec![format!("{requests:.0} calls in {}", length(span.minutes)), format!("peak {peak:.0} a minute")];
    if requests > 0.0 {
        parts.push(format!("{:.1} % failed", errors / requests * 100.0));
        // Weighed by calls: a slow minute with one call says little.
        let weighed: f64 = points.iter().filter_map(|p| Some(p.latency_ms? * p.requests)).sum();
        if points.iter().any(|p| p.latency_ms.is_some()) {
            parts.push(format!("{:.1} ms on average", weighed / requests));
        }
    }
    let (bytes_in, bytes_out) = (sum(|p| p.bytes_in), sum(|p| p.bytes_out));
    if bytes_in + bytes_out > 0.0 {
        parts.push(format!("{} in, {} out", bytes(bytes_in), bytes(bytes_out)));
    }
    parts.join(", ")
}

fn length(minutes: u32) -> String {
    match minutes {
        m if m.is_multiple_of(1440) => format!("{}d", m / 1440),
        m if m.is_multiple_of(60) => format!("{}h", m / 60),
        m => format!("{m}m"),
    }
}

fn bytes(count: f64) -> String {
    let (mut count, mut unit) = (count, "B");
    for next in ["kB", "MB", "GB", "TB"] {
        if count < 1000.0 {
            break;
        }
        (count, unit) = (count / 1000.0, next);
    }
    if unit == "B" { format!("{count:.0} B") } else { format!("{count:.1} {unit}") }
}

/// Writes them for programs.
///
/// # Errors
/// When the writer fails.
pub fn json(out: &mut dyn Write, groups: &[OfGroup], span: Span) -> io::Result<()> {
    let time = |at: i64| jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default();
    let point = |p: &Point| {
        json!({
            "time": time(p.time), "requests": p.requests, "errors": p.errors,
            "bytesIn": p.bytes_in, "bytesOut": p.bytes_out, "latencyMs": p.latency_ms,
        })
    };
    let one = |of: &OfGroup| match &of.traffic {
        Traffic::Measured(points) => {
            json!({ "group": of.group, "known": true, "points": points.iter().map(point).collect::<Value>() })
        }
        Traffic::Unknown(reason) => json!({ "group": of.group, "known": false, "reason": reason }),
    };
    let all = json!({
        "from": time(span.from), "minutes": span.minutes, "groups": groups.iter().map(one).collect::<Value>(),
    });
    writeln!(out, "{all:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64, requests: f64) -> Point {
        Point { time: minute * 60, requests, latency_ms: Some(2.0), ..Point::default() }
    }

    #[test]
    fn a_chart_has_a_column_for_each_minute_or_several() {
        let span = Span { from: 0, minutes: 8 };
        assert_eq!(chart(&[at(0, 1.0), at(3, 8.0), at(7, 4.0)], span), "▁··█···▄");
        assert_eq!(chart(&[at(119, 1.0)], Span { from: 0, minutes: 120 }).chars().count(), 60);
        assert_eq!(chart(&[], span), "········");
    }

    #[test]
    fn numbers_are_for_people() {
        let line = summary(
            &[at(0, 10.0), Point { errors: 5.0, bytes_in: 1500.0, ..at(1, 10.0) }],
            Span { from: 0, minutes: 60 },
        );
        assert_eq!(
            line,
            "20 calls in 1h, peak 10 a minute, 25.0 % failed, 2.0 ms on average, 1.5 kB in, 0 B out"
        );
    }
}
