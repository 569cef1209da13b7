//! Documents as far as a vendor takes them.

use apigctl::capabilities;
use apigctl::kind::Kind;
use apigctl::provider::Vendor;
use serde_json::Value;

/// Whether a vendor takes a field of a kind, or with an empty field the kind at all.
pub(crate) fn takes(vendor: &Vendor, kind: Kind, field: &str) -> bool {
    capabilities::lack(vendor, kind, field).is_none()
}

/// Takes out of a document what a vendor cannot take; false: all of it.
pub(crate) fn strip(vendor: &Vendor, document: &mut Value) -> bool {
    let kind = document["kind"].clone();
    for lack in vendor.lacks.iter().filter(|lack| kind == lack.kind.name()) {
        if lack.field.is_empty() {
            return false;
        }
        let steps: Vec<&str> = lack.field.split('.').collect();
        // What is not managed has none.
        if let Some(spec) = document.get_mut("spec") {
            take_out(spec, &steps, lack.only);
        }
    }
    true
}

/// The documents that a vendor takes, without what it cannot take of them.
pub(crate) fn stripped(vendor: &Vendor, documents: Vec<Value>) -> Vec<Value> {
    let reduced = |mut document| strip(vendor, &mut document).then_some(document);
    documents.into_iter().filter_map(reduced).collect()
}

fn take_out(value: &mut Value, steps: &[&str], only: &[&str]) {
    let Some((step, rest)) = steps.split_first() else { return };
    let name = step.trim_end_matches("[]");
    if rest.is_empty() {
        let kept = value.get(name).and_then(Value::as_str).is_some_and(|text| only.contains(&text));
        if let Some(fields) = value.as_object_mut().filter(|_| !kept) {
            fields.shift_remove(name);
        }
        return;
    }
    match value.get_mut(name) {
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| take_out(item, rest, only)),
        Some(inner) => take_out(inner, rest, only),
        None => {}
    }
}
