//! One descriptor per kind of policy that is attached to publications. Attached by policy, to many publications at once;
//! detached many at once where the gateway can; read by policy.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::plan::build::{Batch, Lowered};
use crate::plan::{Action, Call, Change, Reply, id_of};

/// The reference names no limit for bindings; that of publications is kept (3.5.9).
const BATCH: usize = 1000;

/// What is read of the rows of lists of what a policy is attached to: each [`Link::api`], [`Link::environment`] and
/// [`Link::id`].
pub(in crate::provider) const ROW_FIELDS: &[&str] =
    &["id", "api_id", "env_id", "run_env_id", "bind_id", "throttle_apply_id"];

/// How one kind of policy is attached, detached and read.
pub(in crate::provider) struct Link {
    pub(in crate::provider) kind: Kind,
    /// The collection, below the gateway.
    pub(in crate::provider) path: &'static str,
    /// The field that names the policy in the body that attaches it.
    pub(in crate::provider) policy: &'static str,
    /// The list of what was attached, by the names that it has in the documents.
    pub(in crate::provider) made: &'static [&'static str],
    /// Whether a row of it says `publish_id`; else it says `api_id` and `env_id`.
    pub(in crate::provider) says_publication: bool,
    /// The field with the ids in the body that detaches many at once; none: one by one.
    pub(in crate::provider) detach: Option<&'static str>,
    /// The parameter that names the policy in the list of what it is attached to.
    pub(in crate::provider) filter: &'static str,
    /// That list, and the fields of its rows.
    pub(in crate::provider) list: &'static str,
    pub(in crate::provider) api: &'static str,
    pub(in crate::provider) environment: &'static str,
    pub(in crate::provider) id: &'static str,
    /// The collection in an engine's snapshot, and the field that names the policy there.
    pub(in crate::provider) snapshot: (&'static str, &'static str),
}

/// 3.8. Binding another throttle puts it in the place of the first: the reference names no error for it, so the API is
/// under one of the two at every moment.
pub(in crate::provider) const THROTTLES: Link = Link {
    kind: Kind::ThrottleBinding,
    path: "/throttle-bindings",
    policy: "strategy_id",
    made: &["throttle_applys", "throttle_applies"],
    says_publication: true,
    detach: Some("throttle_bindings"),
    filter: "throttle_id",
    list: "apis",
    api: "id",
    environment: "run_env_id",
    id: "throttle_apply_id",
    snapshot: ("throttle_bindings", "throttle_id"),
};

/// 3.7
pub(in crate::provider) const SIGNATURES: Link = Link {
    kind: Kind::SignatureBinding,
    path: "/sign-bindings",
    policy: "sign_id",
    made: &["bindings"],
    says_publication: true,
    detach: None,
    filter: "sign_id",
    list: "bindings",
    api: "api_id",
    environment: "env_id",
    id: "id",
    snapshot: ("sign_bindings", "sign_id"),
};

/// 3.14
pub(in crate::provider) const ACCESS_CONTROLS: Link = Link {
    kind: Kind::AccessBinding,
    path: "/acl-bindings",
    policy: "acl_id",
    made: &["acl_bindings"],
    says_publication: false,
    detach: Some("acl_bindings"),
    filter: "acl_id",
    list: "apis",
    api: "api_id",
    environment: "env_id",
    id: "bind_id",
    snapshot: ("acl_bindings", "acl_id"),
};

impl Link {
    /// How many fit into one call.
    pub(in crate::provider) fn batch(&self, action: Action) -> usize {
        if action == Action::Unbind && self.detach.is_none() { 1 } else { BATCH }
    }

    /// The call that makes `change` so.
    pub(in crate::provider) fn lower(&self, root: &str, change: &Change) -> Lowered {
        let address = &change.address;
        let named = change.after.as_ref().and_then(|spec| spec.references(address).into_iter().next());
        match named {
            Some(policy) => self.attach(root, address, &policy.to),
            None => self.detach(root, address),
        }
    }

    fn attach(&self, root: &str, address: &Address, policy: &Address) -> Lowered {
        let (group, api, environment) = (address.part(0), address.part(1), address.part(2));
        let row = if self.says_publication {
            Vec::new()
        } else {
            vec![
                ("api_id".to_owned(), id_of(&Address::new(Kind::Api, &[&group, &api]))),
                ("env_id".to_owned(), id_of(&Address::new(Kind::Environment, &[&environment]))),
            ]
        };
        Lowered {
            call: Call {
                method: "POST".into(),
                path: format!("{root}{}", self.path),
                args: BTreeMap::new(),
                query: Vec::new(),
                body: json!({ self.policy: id_of(policy), "publish_ids": { "$items": true } }),
            },
            reply: Reply::Rows {
                lists: self.made.iter().map(|list| (*list).to_owned()).collect(),
                key: "publish_id".into(),
                id: "id".into(),
                failures: None,
            },
            recover: None,
            batch: Some(Batch {
                key: format!("{} {}", self.path, policy.path()),
                limit: self.batch(Action::Bind),
                item: id_of(&Address::new(Kind::Publication, &[&group, &api, &environment])),
                row,
            }),
        }
    }

    fn detach(&self, root: &str, address: &Address) -> Lowered {
        let Some(member) = self.detach else {
            return Lowered {
                call: Call {
                    method: "DELETE".into(),
                    path: format!("{root}{}/{{id}}", self.path),
                    args: BTreeMap::from([("id".to_owned(), id_of(address))]),
                    query: Vec::new(),
                    body: Value::Null,
                },
                reply: Reply::Ignore,
                recover: None,
                batch: None,
            };
        };
        let mut body = Map::new();
        body.insert(member.to_owned(), json!({ "$items": true }));
        Lowered {
            call: Call {
                method: "PUT".into(),
                path: format!("{root}{}", self.path),
                args: BTreeMap::new(),
                query: vec![("action".into(), "delete".into())],
                body: Value::Object(body),
            },
            reply: Reply::Failures { list: "failure".into(), key: "bind_id".into() },
            recover: None,
            batch: Some(Batch {
                key: format!("detach {}", self.path),
                limit: self.batch(Action::Unbind),
                item: id_of(address),
                row: Vec::new(),
            }),
        }
    }
}
