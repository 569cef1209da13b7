//! Signature keys (3.6).

use serde_json::json;

use super::super::model::{Coll, Doc, Policy};
use super::super::store::Gateway;
use super::context::{Ctx, mask};
use super::fault::Fault;
use super::kinds::unbind_all;
use super::protocol::Edition;
use super::records::{Draft, Filter, Kind, PLAIN};
use super::rules::text;
use super::{features, limits};

pub(crate) static SIGN: Kind = Kind {
    coll: Coll::Sign,
    param: "sign_id",
    missing: "APIG.3017",
    times: (Some("create_time"), Some("update_time")),
    unique: &[("name", "APIG.3207")],
    quota: Some(("SIGN_NUM_LIMIT", "APIG.3105", None)),
    filters: &[Filter("id", "id", false), Filter("name", "name", true)],
    computed: &["bind_num", "ldapi_bind_num"],
    prepare,
    extra: |_, gateway, record| {
        let bound = gateway.bindings_of(Policy::Sign, &record.id).count();
        vec![("bind_num", json!(bound)), ("ldapi_bind_num", json!(0))]
    },
    leaving: |_, tx, record| {
        unbind_all(tx, Policy::Sign, &record.id);
        Ok(())
    },
    ..PLAIN
};

/// The rules for one type: length and special characters, and what may stand first.
struct Rule {
    length: (usize, usize),
    special: &'static str,
    first: fn(char) -> bool,
}

fn letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

fn letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn encoded(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '+' || c == '/'
}

fn rules(kind: &str, algorithm: &str, edition: Edition) -> (Rule, Rule) {
    match kind {
        "basic" => (
            Rule { length: (4, 32), special: "_-", first: letter },
            Rule { length: (8, 64), special: "_!@#$%", first: letter_or_digit },
        ),
        "public_key" => (
            Rule { length: (8, 512), special: "_-+/=", first: encoded },
            Rule { length: (16, 2048), special: "_!@#$%+/=", first: encoded },
        ),
        "aes" => {
            let size = if algorithm == "aes-256-cfb" { 32 } else { 16 };
            (
                Rule { length: (size, size), special: "_-!@#$%+/=", first: encoded },
                Rule { length: (16, 16), special: "_!@#$%+/=", first: encoded },
            )
        }
        _ => (
            Rule { length: (8, 32), special: "_-", first: letter_or_digit },
            // V1 allows a hyphen.
            Rule {
                length: (16, 64),
                special: if edition == Edition::V1 { "_-!@#$%" } else { "_!@#$%" },
                first: letter_or_digit,
            },
        ),
    }
}

impl Rule {
    fn fits(&self, text: &str) -> bool {
        let length = text.chars().count();
        (self.length.0..=self.length.1).contains(&length)
            && text.chars().next().is_some_and(self.first)
            && text.chars().all(|c| c.is_ascii_alphanumeric() || self.special.contains(c))
    }

    /// A value that fits, of 32 characters where that is allowed.
    fn generate(&self, ctx: &Ctx) -> String {
        let length = 32.clamp(self.length.0, self.length.1);
        let text = format!("a{}", ctx.id());
        text[..length.min(text.len())].to_owned()
    }
}

fn prepare(ctx: &Ctx, gateway: &Gateway, draft: &Draft, doc: &mut Doc) -> Result<(), Fault> {
    let text = |doc: &Doc, name: &str| text(doc, name).to_owned();
    let kind = match text(doc, "sign_type").as_str() {
        "" => draft.old.as_ref().map_or("hmac", |old| old.text("sign_type")).to_owned(),
        kind => kind.to_owned(),
    };
    let kind = if kind.is_empty() { "hmac".to_owned() } else { kind };
    let allowed = limits::enabled(ctx, "PUBLIC_KEY_SWITCH");
    if kind == "public_key" && !features::is_on(gateway, "public_key", allowed) {
        return Err(Fault::of("APIG.3548", &kind));
    }
    let mut algorithm = text(doc, "sign_algorithm");
    if kind == "aes" && algorithm.is_empty() {
        "aes-128-cfb".clone_into(&mut algorithm);
    }
    if kind == "aes" {
        doc.insert("sign_algorithm".to_owned(), algorithm.as_str().into());
    } else {
        doc.shift_remove("sign_algorithm");
    }
    let (for_key, for_secret) = rules(&kind, &algorithm, ctx.edition());
    for (name, rule) in [("sign_key", &for_key), ("sign_secret", &for_secret)] {
        let given = text(doc, name);
        if !given.is_empty() && !rule.fits(&given) {
            return Err(ctx.bad(name));
        }
        let value = if given.is_empty() { rule.generate(ctx) } else { given };
        // The secret is kept as it is shown: nothing here needs it, so nothing can give it away.
        let value = if name == "sign_secret" { mask(&value) } else { value };
        doc.insert(name.to_owned(), value.into());
    }
    doc.insert("sign_type".to_owned(), kind.into());
    Ok(())
}
