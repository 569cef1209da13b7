//! What was called: DescribeGroupQps, DescribeGroupTraffic and DescribeGroupLatency, and their siblings for an API. Each is
//! asked once for each environment.

use std::collections::BTreeMap;

use serde_json::Value;

use super::objects::STAGES;
use super::observe::ask;
use crate::http::{CallError, Class, Client};
use crate::provider::ObserveError;
use crate::traffic::{Point, Traffic, Whose};

/// A call, and what its series add to.
struct Series {
    action: &'static str,
    /// The member of the answer, the items in it that count (empty: all), and where they are added.
    members: &'static [(&'static str, &'static str, Add)],
}

/// Adds a value to the point of its minute.
type Add = fn(&mut Sums, f64);

/// What several series say of one minute.
#[derive(Debug, Default)]
struct Sums {
    point: Point,
    /// Latencies are averages: they are averaged again.
    latencies: Vec<f64>,
}

const OF_GROUP: &[Series] = &[
    Series { action: "DescribeGroupQps", members: &[("GroupQps", "", |s, v| s.point.requests += v)] },
    Series {
        action: "DescribeGroupTraffic",
        members: &[
            ("TrafficPerSecond", "inbound", |s, v| s.point.bytes_in += v * 60.0),
            ("TrafficPerSecond", "outbound", |s, v| s.point.bytes_out += v * 60.0),
        ],
    },
    Series {
        action: "DescribeGroupLatency",
        members: &[("LatencyPacket", "latency", |s, v| s.latencies.push(v))],
    },
];

const OF_API: &[Series] = &[
    Series {
        action: "DescribeApiQpsData",
        members: &[
            ("CallSuccesses", "", |s, v| s.point.requests += v),
            ("CallFails", "", |s, v| {
                s.point.requests += v;
                s.point.errors += v;
            }),
        ],
    },
    Series { action: "DescribeApiLatencyData", members: &[("CallLatencys", "", |s, v| s.latencies.push(v))] },
];

/// Reads the last `minutes`.
pub(super) async fn read(client: &Client, whose: &Whose, minutes: u32) -> Result<Traffic, ObserveError> {
    let to = client.server_time().div_euclid(60) * 60;
    let span = (moment(to - i64::from(minutes) * 60), moment(to));
    let series = if whose.api.is_some() { OF_API } else { OF_GROUP };
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    for one in series {
        for stage in STAGES {
            let mut query = vec![
                ("GroupId", whose.group.as_str()),
                ("StageName", stage),
                ("StartTime", &*span.0),
                ("EndTime", &*span.1),
            ];
            query.extend(whose.api.as_ref().map(|api| ("ApiId", api.as_str())));
            let answer = match client.json(&ask(one.action, &query)).await {
                Ok(answer) => answer,
                // Who may change APIs need not be allowed to see metrics.
                Err(error @ CallError::Refused { .. })
                    if !matches!(error.class(), Class::Transient | Class::RateLimited) =>
                {
                    return Ok(Traffic::Unknown(format!("the gateway does not show it: {error}")));
                }
                Err(error) => return Err(error.into()),
            };
            for (member, item, add) in one.members {
                for (at, value) in values(&answer, member, item) {
                    add(sums.entry(at).or_default(), value);
                }
            }
        }
    }
    Ok(Traffic::of(sums.into_iter().map(|(at, sums)| point(at, &sums)).collect()))
}

fn moment(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

fn point(at: i64, sums: &Sums) -> Point {
    let count = u32::try_from(sums.latencies.len()).unwrap_or(u32::MAX);
    let latency = (count > 0).then(|| sums.latencies.iter().sum::<f64>() / f64::from(count));
    Point { time: at, latency_ms: latency, ..sums.point }
}

/// The values of a member by their minutes. The gateway writes numbers as texts.
fn values(answer: &Value, member: &str, item: &str) -> Vec<(i64, f64)> {
    let rows = answer.get(member).and_then(|of| of.get("MonitorItem")).and_then(Value::as_array);
    let value = |row: &Value| {
        let said = |name: &str| row.get(name).and_then(Value::as_str);
        if !item.is_empty() && said("Item").is_some_and(|of| of != item) {
            return None;
        }
        let at: jiff::Timestamp = said("ItemTime")?.parse().ok()?;
        Some((at.as_second().div_euclid(60) * 60, said("ItemValue")?.parse().ok()?))
    };
    rows.into_iter().flatten().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_told_by_item_and_minute() {
        let row = |item: &str, time: &str, value: &str| json!({ "Item": item, "ItemTime": time, "ItemValue": value });
        let answer = json!({ "TrafficPerSecond": { "MonitorItem": [
            row("inbound", "2023-01-29T01:30:00Z", "100.0"),
            row("outbound", "2023-01-29T01:30:00Z", "7"),
            row("inbound", "2023-01-29T01:30:40Z", "50"),
            row("inbound", "noon", "50"),
        ] } });
        let found = values(&answer, "TrafficPerSecond", "inbound");
        assert_eq!(found, [(1_674_955_800, 100.0), (1_674_955_800, 50.0)]);
        assert!(values(&json!({}), "GroupQps", "").is_empty());
    }
}
