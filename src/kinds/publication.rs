//! `Publication`: an API definition live in one environment. It follows from `publish` of an `Api`.

use crate::kind::{Form, Kind, KindDef, Owner, PLAIN};

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Publication,
    form: Form::Derived,
    key: &["group", "api", "environment"],
    noun: "publication",
    owners: &[
        Owner { kind: Kind::Api, parts: &[0, 1], field: "metadata.name", kept: false },
        Owner { kind: Kind::Environment, parts: &[2], field: "spec.publish", kept: true },
    ],
    bulk: true,
    ..PLAIN
};
