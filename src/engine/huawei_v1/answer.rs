//! What the handlers answer, as this protocol shows it: the documented members, under its own names.

use serde_json::{Map, Value};

use super::super::huawei::protocol::{Field, Kind, Operation, Shown};
use super::super::huawei_v2::context::{Ctx, Reply};

/// The asterisks that stand for every secret.
const MASKED: &str = "******";

/// What is done to an answer that no rename can express.
pub(super) type Touch = fn(&Ctx, &mut Value);

/// The answer of a handler as an operation shows it.
pub(super) fn shown(ctx: &Ctx, reply: Reply, touch: Option<Touch>) -> Reply {
    let asked = ctx.asked;
    match reply {
        Reply::Json(text) => json(asked, &text, |value| {
            if let Some(touch) = touch {
                touch(ctx, value);
            }
        }),
        // What is still to be done has left its request behind: nothing but the names is left to settle.
        Reply::Later(work) => Reply::Later(Box::new(move || match work() {
            Reply::Json(text) => json(asked, &text, |_| {}),
            other => other,
        })),
        other => other,
    }
}

fn json(asked: &'static Operation, text: &[u8], touch: impl FnOnce(&mut Value)) -> Reply {
    if asked.out.is_empty() {
        return Reply::Empty;
    }
    let value: Value = serde_json::from_slice(text).unwrap_or_default();
    let mut out = match asked.out.as_slice() {
        // A field without a name is the whole answer.
        [whole] if whole.name.is_empty() => {
            member(asked, whole, value.get(whole.shared()).unwrap_or(&Value::Null))
        }
        fields => object(asked, fields, &value),
    };
    touch(&mut out);
    Reply::value(&out)
}

fn object(asked: &'static Operation, fields: &[Field], value: &Value) -> Value {
    let mut out = Map::new();
    for field in fields {
        let place = field.shared().split('.').try_fold(value, |value, step| value.get(step));
        if let Some(found) = place.filter(|found| !found.is_null()) {
            out.insert(field.name.clone(), member(asked, field, found));
        }
    }
    Value::Object(out)
}

fn member(asked: &'static Operation, field: &Field, value: &Value) -> Value {
    match (field.shown, value) {
        (Some(Shown::Masked), _) => return MASKED.into(),
        (Some(Shown::Text), Value::Number(number)) => return number.to_string().into(),
        _ => {}
    }
    if let Some(word) = value.as_str() {
        let own = field.words.iter().find(|(_, shared)| *shared == word).map(|(own, _)| own.as_str());
        return own.unwrap_or(word).into();
    }
    let inner = field.kind.inner(asked.edition.protocol());
    match (&field.kind, value) {
        (Kind::List(_), Value::Array(items)) if !inner.is_empty() => {
            items.iter().map(|item| object(asked, inner, item)).collect()
        }
        (Kind::Object(Some(_)), Value::Object(_)) => object(asked, inner, value),
        _ => value.clone(),
    }
}
