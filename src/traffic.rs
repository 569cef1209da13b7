//! What went through a gateway in the last minutes, as the gateway itself counts it. What was not counted is unknown, which is
//! not the same as none.

use crate::address::RemoteId;

/// Whose traffic is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The group's id.
    pub group: RemoteId,
    /// The API's id; none: all of the group.
    pub api: Option<RemoteId>,
}

/// What went through in one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Point {
    /// When it began, in seconds since 1970.
    pub time: i64,
    /// The calls.
    pub requests: f64,
    /// Those that failed.
    pub errors: f64,
    /// What callers sent, in bytes.
    pub bytes_in: f64,
    /// What they got, in bytes.
    pub bytes_out: f64,
    /// How long an answer took on average, in milliseconds; none: it is not known.
    pub latency_ms: Option<f64>,
}

/// What a gateway says of traffic.
#[derive(Debug, Clone, PartialEq)]
pub enum Traffic {
    /// This, oldest first; minutes without calls may be left out.
    Measured(Vec<Point>),
    /// Nothing, and why.
    Unknown(String),
}

impl Traffic {
    /// What was measured; nothing at all is unknown.
    #[must_use]
    pub fn of(mut points: Vec<Point>) -> Self {
        if points.is_empty() {
            return Self::Unknown("the gateway has no metrics of this time".to_owned());
        }
        points.sort_by_key(|point| point.time);
        Self::Measured(points)
    }

    /// All calls; none: it is not known.
    #[must_use]
    pub fn requests(&self) -> Option<f64> {
        match self {
            Self::Measured(points) => Some(points.iter().map(|point| point.requests).sum()),
            Self::Unknown(_) => None,
        }
    }
}
