//! JSON inside texts: the content of plug-ins and the configuration of features, checked against a shape.

use serde_json::Value;

/// What a value must be. Null is always allowed where a member may be absent.
pub(crate) enum Is {
    /// A text of at most so many characters.
    Text(usize),
    /// One of some words.
    Word(&'static [&'static str]),
    /// A whole number within limits.
    Number(i64, i64),
    /// A whole number within limits, written as a number or as a text.
    Digits(i64, i64),
    Flag,
    /// A list of at most so many items.
    List(&'static Self, usize),
    Object(&'static [Member]),
}

/// A member of an object: name, whether it must be there, and what it is. Members that are not named here are allowed:
/// the vendor's models are not published.
pub(crate) struct Member(pub(crate) &'static str, pub(crate) bool, pub(crate) Is);

impl Is {
    /// Refuses a value that does not fit, with its place.
    pub(crate) fn check(&self, value: &Value, place: &str) -> Result<(), String> {
        let fits = match (self, value) {
            (Self::Text(most), Value::String(text)) => text.chars().count() <= *most,
            (Self::Word(words), Value::String(text)) => words.contains(&text.as_str()),
            (Self::Number(low, high) | Self::Digits(low, high), Value::Number(number)) => {
                number.as_i64().is_some_and(|number| (*low..=*high).contains(&number))
            }
            (Self::Digits(low, high), Value::String(text)) => {
                text.parse::<i64>().is_ok_and(|number| (*low..=*high).contains(&number))
            }
            (Self::Flag, Value::Bool(_)) => true,
            (Self::List(of, most), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    of.check(item, &format!("{place}[{index}]"))?;
                }
                items.len() <= *most
            }
            (Self::Object(members), Value::Object(object)) => {
                for Member(name, needed, is) in *members {
                    let place = format!("{place}.{name}");
                    match object.get(*name) {
                        None | Some(Value::Null) if *needed => return Err(place),
                        None | Some(Value::Null) => {}
                        Some(value) => is.check(value, &place)?,
                    }
                }
                true
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(place.to_owned()) }
    }
}
