//! Answers as XML, for callers of the older form that ask for it (`Format=XML`).
//!
//! The root is named by the action (`<CreateApiGroupResponse>`), or `<Error>`. A list is its element again and again:
//! where the JSON form wraps it (`"Tags": {"TagInfo": […]}`), `<Tags><TagInfo>…</TagInfo><TagInfo>…</TagInfo></Tags>`.

use serde_json::Value;

use super::super::model::Doc;

/// What stands before the root.
const HEAD: &str = "<?xml version='1.0' encoding='UTF-8'?>";

/// A document with a root of this name.
pub(crate) fn written(root: &str, doc: &Doc) -> String {
    let mut out = HEAD.to_owned();
    open(root, &mut out);
    members(doc, &mut out);
    close(root, &mut out);
    out
}

fn members(doc: &Doc, out: &mut String) {
    for (name, value) in doc {
        match value {
            Value::Array(items) => items.iter().for_each(|item| element(name, item, out)),
            value => element(name, value, out),
        }
    }
}

fn element(name: &str, value: &Value, out: &mut String) {
    open(name, out);
    match value {
        Value::Null => {}
        Value::String(text) => escape(text, out),
        Value::Object(doc) => members(doc, out),
        Value::Array(items) => items.iter().for_each(|item| element(name, item, out)),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
    close(name, out);
}

fn open(name: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

fn close(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Characters that XML has other uses for; of those that it cannot say at all, a mark stands for each.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Readers would turn it into a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_elements_again_and_again() {
        let doc = json!({
            "TotalCount": 2, "Good": true, "None": null, "Tags": { "TagInfo": [{ "Key": "a<b" }, { "Key": "c&\u{1}" }] },
            "Empty": { "Item": [] }, "Codes": ["x", "y\r\n"],
        });
        let doc = doc.as_object().unwrap();
        assert_eq!(
            written("ListResponse", doc),
            "<?xml version='1.0' encoding='UTF-8'?><ListResponse><TotalCount>2</TotalCount><Good>true</Good><None></None>\
             <Tags><TagInfo><Key>a&lt;b</Key></TagInfo><TagInfo><Key>c&amp;\u{fffd}</Key></TagInfo></Tags><Empty></Empty>\
             <Codes>x</Codes><Codes>y&#13;\n</Codes></ListResponse>"
        );
    }
}
