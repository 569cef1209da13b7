//! What was called, minute by minute (3.18.1, 3.18.3; V1.0 has the same calls).

use serde_json::Value;

use crate::http::{CallError, Class, Client, Request};
use crate::provider::ObserveError;
use crate::traffic::{Point, Traffic, Whose};

/// The longest that a group's statistics go back (3.18.3).
const GROUP_MINUTES: u32 = 60;

pub(super) async fn read(
    root: &str,
    client: &Client,
    whose: &Whose,
    minutes: u32,
) -> Result<Traffic, ObserveError> {
    let (path, query) = match &whose.api {
        Some(api) => {
            let query = vec![
                ("api_id".to_owned(), api.as_str().to_owned()),
                ("duration".to_owned(), duration(minutes)),
            ];
            (format!("{root}/statistics/api/latest"), query)
        }
        None if minutes > GROUP_MINUTES => {
            let reason = "this gateway tells no more than the last hour of a group; ask for one of its APIs";
            return Ok(Traffic::Unknown(reason.to_owned()));
        }
        None => {
            let query = vec![("group_id".to_owned(), whose.group.as_str().to_owned())];
            (format!("{root}/statistics/group/latest"), query)
        }
    };
    match client.json(&Request::get(path, query)).await {
        Ok(answer) => Ok(Traffic::of(points(&answer, minutes))),
        // Who may change APIs need not be allowed to see metrics.
        Err(error @ CallError::Refused { .. })
            if !matches!(error.class(), Class::Transient | Class::RateLimited) =>
        {
            Ok(Traffic::Unknown(format!("the gateway does not show it: {error}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whole hours where it is some; the two units that 3.18.1 knows.
fn duration(minutes: u32) -> String {
    if minutes.is_multiple_of(60) { format!("{}h", minutes / 60) } else { format!("{minutes}m") }
}

fn points(answer: &Value, minutes: u32) -> Vec<Point> {
    let number = |row: &Value, name: &str| row.get(name).and_then(Value::as_f64);
    let rows = answer.get("list").and_then(Value::as_array).into_iter().flatten();
    let point = |row: &Value| {
        let count = |name| number(row, name).unwrap_or_default();
        Some(Point {
            time: row.get("current_minute").and_then(Value::as_i64)?,
            requests: count("req_count"),
            errors: count("req_count_error").max(count("req_count4xx") + count("req_count5xx")),
            bytes_in: count("input_throughput"),
            bytes_out: count("output_throughput"),
            latency_ms: number(row, "avg_latency"),
        })
    };
    let mut points: Vec<Point> = rows.filter_map(point).collect();
    // A group is told by the hour.
    let last = answer.get("end_time").and_then(Value::as_i64).unwrap_or(i64::MAX);
    points.retain(|point| point.time > last.saturating_sub(i64::from(minutes) * 60));
    points
}
