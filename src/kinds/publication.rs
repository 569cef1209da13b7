//! `Publication`: an API definition live in one environment. It follows from `publish` of an `Api`.

use crate::kind::{Form, Kind, KindDef};

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Publication,
    form: Form::Derived,
    key: &["group", "api", "environment"],
    schema: None,
    noun: "publication",
};
