//! Plug-ins: what their definitions must hold, and where they are attached.

use serde_json::{Map, Value};

use super::super::model::{Coll, Doc, Record};
use super::super::store::{Gateway, Tx};
use super::answer::{Reply, page};
use super::bindings::{check_free, id, place, put};
use super::context::Ctx;
use super::fault::Fault;
use super::records::{self, Kind, PLAIN, by_id, exact, find, need, part, shown};
use super::{apis, deploy, groups};

/// What attachments to an API, and to a group, are kept under.
const TO_API: &str = "plugin";
const TO_GROUP: &str = "groupPlugin";

pub(crate) static PLUGIN: Kind = Kind {
    coll: Coll::CloudPlugin,
    id: "PluginId",
    noun: "Plugin",
    unique: &[("PluginName", "PluginName")],
    quota: Some((1000, None)),
    filters: &[by_id("PluginId"), part("PluginName"), exact("PluginType")],
    tagged: Some("plugin"),
    prepare: |_, _, _, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        check(text("PluginType"), text("PluginData"))
    },
    leaving: |_, tx, record| {
        check_free(tx, TO_API, &record.id, "Plugin")?;
        check_free(tx, TO_GROUP, &record.id, "Plugin")
    },
    ..PLAIN
};

/// What a member of a definition is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Text,
    Number,
    Flag,
    List,
    Object,
    /// A text or a list of them.
    Texts,
    OneOf(&'static [&'static str]),
}

/// A type of plug-in: what it is called, what it does, the members of its definition with whether they must be there.
struct Type {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    members: &'static [(&'static str, Is, bool)],
    sample: &'static str,
}

const UNITS: Is = Is::OneOf(&["SECOND", "MINUTE", "HOUR", "DAY"]);

/// The documented types.
static TYPES: [Type; 13] = [
    Type {
        name: "ipControl",
        title: "IP access control",
        about: "Lets in, or keeps out, the callers of some addresses.",
        members: &[
            ("type", Is::OneOf(&["ALLOW", "REFUSE"]), true),
            ("resource", Is::Text, false),
            ("items", Is::List, true),
        ],
        sample: "type: ALLOW\nitems:\n- blocks:\n  - 192.168.1.0/24\n",
    },
    Type {
        name: "trafficControl",
        title: "Traffic control",
        about: "Limits how often an API is called.",
        members: &[
            ("scope", Is::OneOf(&["API", "PLUGIN"]), false),
            ("unit", UNITS, true),
            ("apiDefault", Is::Number, true),
            ("defaultLimit", Is::Number, false),
            ("defaultPeriod", UNITS, false),
            ("rules", Is::List, false),
            ("userDefault", Is::Number, false),
            ("appDefault", Is::Number, false),
            ("specials", Is::List, false),
            ("parameters", Is::Object, false),
            ("limits", Is::List, false),
        ],
        sample: "unit: SECOND\napiDefault: 1000\nuserDefault: 30\nappDefault: 30\n",
    },
    Type {
        name: "backendSignature",
        title: "Backend signature",
        about: "Signs what goes to the backend.",
        members: &[("type", Is::Text, false), ("key", Is::Text, true), ("secret", Is::Text, true)],
        sample: "type: APIGW_BACKEND\nkey: SampleKey\nsecret: SampleSecret\n",
    },
    Type {
        name: "jwtAuth",
        title: "JWT authentication",
        about: "Lets in callers with a good token.",
        members: &[
            ("parameter", Is::Text, true),
            ("parameterLocation", Is::OneOf(&["header", "query"]), true),
            ("jwk", Is::Object, false),
            ("jwks", Is::List, false),
            ("claimParameters", Is::List, false),
            ("preventJtiReplay", Is::Flag, false),
            ("bypassEmptyToken", Is::Flag, false),
        ],
        sample: "parameter: X-Token\nparameterLocation: header\njwk:\n  kty: RSA\n  e: AQAB\n  n: SampleModulus\n",
    },
    Type {
        name: "basicAuth",
        title: "Basic authentication",
        about: "Lets in callers with a name and a password.",
        members: &[("users", Is::List, true)],
        sample: "users:\n- username: alice\n  password: SamplePassword\n",
    },
    Type {
        name: "cors",
        title: "Cross-origin resource sharing",
        about: "Tells browsers which other sites may call.",
        members: &[
            ("allowOrigins", Is::Texts, true),
            ("allowMethods", Is::Texts, false),
            ("allowHeaders", Is::Texts, false),
            ("exposeHeaders", Is::Texts, false),
            ("allowCredentials", Is::Flag, false),
            ("maxAge", Is::Number, false),
        ],
        sample: "allowOrigins: api.foo.com,api2.foo.com\nallowMethods: GET,POST\nmaxAge: 172800\n",
    },
    Type {
        name: "caching",
        title: "Caching",
        about: "Answers again what was answered before.",
        members: &[
            ("varyByApp", Is::Flag, false),
            ("varyByParameters", Is::Texts, false),
            ("varyByHeaders", Is::Texts, false),
            ("clientCacheControl", Is::Object, false),
            ("cacheableHeaders", Is::Texts, false),
            ("duration", Is::Number, true),
        ],
        sample: "varyByApp: false\nvaryByParameters:\n- userId\nduration: 3600\n",
    },
    Type {
        name: "routing",
        title: "Routing",
        about: "Sends some requests to another backend.",
        members: &[("routes", Is::List, true), ("parameters", Is::Object, false)],
        sample: "routes:\n- name: Vip\n  condition: $CaAppId = 123456\n  backend:\n    type: HTTP\n    address: https://test-env.foo.com\n",
    },
    Type {
        name: "accessControl",
        title: "Access control by parameters",
        about: "Decides by what a request holds.",
        members: &[("parameters", Is::Object, true), ("rules", Is::List, true)],
        sample: "parameters:\n  userId: Token:userId\nrules:\n- name: admin\n  condition: $userId = -1\n  ifTrue: ALLOW\n",
    },
    Type {
        name: "errorMapping",
        title: "Error mapping",
        about: "Turns what backends answer into errors.",
        members: &[
            ("parameters", Is::Object, true),
            ("errorCondition", Is::Text, true),
            ("errorCode", Is::Text, false),
            ("mappings", Is::List, true),
            ("defaultMapping", Is::Object, false),
        ],
        sample: "parameters:\n  resultCode: BodyJsonField:$.result_code\nerrorCondition: $resultCode <> 'OK'\nmappings: []\n",
    },
    Type {
        name: "circuitBreaker",
        title: "Circuit breaker",
        about: "Stops calling a backend that does not answer.",
        members: &[
            ("timeoutThreshold", Is::Number, false),
            ("errorThreshold", Is::Number, false),
            ("errorCondition", Is::Text, false),
            ("windowInSeconds", Is::Number, true),
            ("openTimeoutSeconds", Is::Number, true),
            ("downgradeBackend", Is::Object, false),
        ],
        sample: "timeoutThreshold: 15\nwindowInSeconds: 30\nopenTimeoutSeconds: 15\n",
    },
    Type {
        name: "transformer",
        title: "Transformer",
        about: "Changes requests and answers on the way.",
        members: &[
            ("requestTransformers", Is::Object, false),
            ("responseTransformers", Is::Object, false),
            ("parameters", Is::Object, false),
        ],
        sample: "requestTransformers: {}\n",
    },
    Type {
        name: "logMask",
        title: "Log masking",
        about: "Keeps what is secret out of logs.",
        members: &[("parameters", Is::Object, false), ("rules", Is::List, false)],
        sample: "rules: []\n",
    },
];

fn is(kind: Is, value: &Value) -> bool {
    match kind {
        Is::Text => value.is_string() || value.is_number(),
        Is::Number => value.as_i64().is_some_and(|number| number >= 0),
        Is::Flag => value.is_boolean(),
        Is::List => value.is_array(),
        Is::Object => value.is_object(),
        Is::Texts => {
            value.is_string() || value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
        }
        Is::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
    }
}

/// Refuses a definition that is neither JSON nor YAML, or lacks what its type needs. Other members are let through, and
/// so is every definition of a type whose members are not documented.
fn check(kind: &str, data: &str) -> Result<(), Fault> {
    let parsed: Option<Value> =
        serde_json::from_str(data).ok().or_else(|| serde_yaml::from_str::<Value>(data).ok());
    let Some(Value::Object(members)) = parsed else { return Err(Fault::malformed("PluginData")) };
    let Some(kind) = TYPES.iter().find(|known| known.name == kind) else { return Ok(()) };
    let broken = |member: &str, why: &str| {
        let fault = Fault::invalid("PluginData");
        let message = format!("{} Its member {member} {why}.", fault.message);
        fault.saying(message)
    };
    // What limits by parameters has a default of its own in place of the basic ones.
    let other = kind.name == "trafficControl" && members.contains_key("defaultLimit");
    for (name, rule, needed) in kind.members {
        match members.get(*name) {
            None if other => {}
            Some(value) if !is(*rule, value) => return Err(broken(name, "has a value that is not allowed")),
            None if *needed => return Err(broken(name, "is absent")),
            _ => {}
        }
    }
    if kind.name == "ipControl" {
        check_blocks(&members).ok_or_else(|| broken("items", "holds something that is no address"))?;
    }
    Ok(())
}

fn check_blocks(members: &Map<String, Value>) -> Option<()> {
    for item in members.get("items")?.as_array()? {
        let blocks = item.get("blocks").or_else(|| item.get("cidrs"))?.as_array()?;
        if !blocks.iter().all(|it| it.as_str().is_some_and(|it| super::policies::is_block(it, false))) {
            return None;
        }
    }
    Some(())
}

/// `DescribePluginSchemas`.
pub(crate) fn schemas(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Ok(page(ctx, TYPES.iter(), |it| {
        let members =
            [("Name", it.name), ("Title", it.title), ("Description", it.about), ("DocumentId", it.name)];
        let mut doc: Doc = members.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
        doc.insert("SupportClassic".to_owned(), true.into());
        doc
    }))
}

/// `DescribePluginTemplates`: of the type that `PluginName` names, else of all.
pub(crate) fn templates(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let wanted = ctx.text("PluginName");
    let found = TYPES.iter().filter(|it| wanted.is_empty() || it.name == wanted);
    Ok(page(ctx, found, |it| {
        let members = [
            ("Title", it.title),
            ("Description", it.about),
            ("Sample", it.sample),
            ("DocumentId", it.name),
            ("DocumentAnchor", ""),
        ];
        members.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
    }))
}

/// The APIs a call names, by one parameter or the other.
fn targets(ctx: &Ctx, gateway: &Gateway) -> Result<Vec<String>, Fault> {
    let mut ids: Vec<&str> = ctx.texts("ApiIds");
    ids.extend(ctx.given("ApiId"));
    ids.iter().map(|id| apis::of(gateway, id, ctx.text("GroupId")).map(|api| api.id.to_string())).collect()
}

/// What is attached in one place, of one type, makes room for another of the same type.
fn make_room(tx: &mut Tx, policy: &str, at: (&str, &str), stage: &str, plugin: &Record) {
    let (index, place) = at;
    let same = |binding: &&Record| {
        let other = tx.record(Coll::CloudPlugin, binding.text("PolicyId"));
        *binding.text("PolicyId") != *plugin.id
            && other.is_some_and(|other| other.text("PluginType") == plugin.text("PluginType"))
    };
    let gone: Vec<Box<str>> = tx
        .records_by(Coll::CloudBinding, index, &[policy, place, stage])
        .filter(same)
        .map(|binding| binding.id.clone())
        .collect();
    for id in gone {
        tx.remove(Coll::CloudBinding, &id);
    }
}

/// `AttachPlugin`: to APIs that run in the stage.
pub(crate) fn attach(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, tx)?.clone();
    let (apis, stage) = (targets(ctx, tx)?, ctx.text("StageName"));
    if apis.is_empty() {
        return Err(Fault::missing("ApiId"));
    }
    for api in apis {
        need(tx, Coll::CloudDeployment, &deploy::id(&api, stage), "Deployment")?;
        let group = need(tx, Coll::CloudApi, &api, "Api")?.text("GroupId").to_owned();
        make_room(tx, TO_API, ("Policy,ApiId,StageName", &api), stage, &plugin);
        let members = [
            ("Policy", TO_API),
            ("PolicyId", &*plugin.id),
            ("ApiId", &api),
            ("GroupId", &group),
            ("StageName", stage),
        ];
        put(ctx, tx, id(TO_API, &api, stage, &plugin.id), &members);
    }
    Ok(Reply::empty())
}

/// `DetachPlugin`: from one API, or from all of a group in the stage.
pub(crate) fn detach(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, tx)?.id.clone();
    let (named, stage) = (targets(ctx, tx)?, ctx.text("StageName"));
    if named.is_empty() {
        if ctx.given("GroupId").is_none() {
            return Err(Fault::missing("ApiId"));
        }
        groups::named(ctx, tx)?;
    }
    let group = ctx.text("GroupId");
    let gone: Vec<Box<str>> = tx
        .records_by(Coll::CloudBinding, "Policy,PolicyId", &[TO_API, &plugin])
        .filter(|binding| binding.text("StageName") == stage)
        .filter(|binding| {
            let api = binding.text("ApiId");
            named.iter().any(|id| id == api) || (named.is_empty() && binding.text("GroupId") == group)
        })
        .map(|binding| binding.id.clone())
        .collect();
    for id in gone {
        tx.remove(Coll::CloudBinding, &id);
    }
    Ok(Reply::empty())
}

/// `AttachGroupPlugin`.
pub(crate) fn attach_group(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, tx)?.clone();
    let (group, stage) = (groups::named(ctx, tx)?.id.clone(), ctx.text("StageName"));
    make_room(tx, TO_GROUP, ("Policy,GroupId,StageName", &group), stage, &plugin);
    let members =
        [("Policy", TO_GROUP), ("PolicyId", &*plugin.id), ("GroupId", &*group), ("StageName", stage)];
    put(ctx, tx, id(TO_GROUP, &group, stage, &plugin.id), &members);
    Ok(Reply::empty())
}

/// `DetachGroupPlugin`.
pub(crate) fn detach_group(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, tx)?.id.clone();
    let group = groups::named(ctx, tx)?.id.clone();
    tx.remove(Coll::CloudBinding, &id(TO_GROUP, &group, ctx.text("StageName"), &plugin));
    Ok(Reply::empty())
}

/// `DescribePluginApis`: where a plug-in is attached.
pub(crate) fn apis_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, gateway)?;
    let found = gateway.records_by(Coll::CloudBinding, "Policy,PolicyId", &[TO_API, &plugin.id]);
    let filters = [
        exact("ApiId"),
        part("ApiName"),
        exact("GroupId"),
        part("Description"),
        records::Filter { param: "Method", member: "ApiMethod", part: false },
        records::Filter { param: "Path", member: "ApiPath", part: false },
    ];
    let wanted = |binding: &&Record| {
        let Some(api) = gateway.record(Coll::CloudApi, binding.text("ApiId")) else { return false };
        ctx.given("ApiId").is_none_or(|id| *api.id == *id)
            && filters[1..].iter().all(|filter| records::passes(ctx, filter, api))
    };
    Ok(page(ctx, found.filter(wanted), |binding| place(ctx, gateway, binding)))
}

/// `DescribePluginGroups`.
pub(crate) fn groups_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, gateway)?;
    let filters = [by_id("GroupId"), part("GroupName"), part("Description")];
    let found = gateway.records_by(Coll::CloudBinding, "Policy,PolicyId", &[TO_GROUP, &plugin.id]);
    let wanted = |binding: &&Record| {
        let group = gateway.record(Coll::CloudGroup, binding.text("GroupId"));
        group.is_some_and(|group| filters.iter().all(|filter| records::passes(ctx, filter, group)))
    };
    Ok(page(ctx, found.filter(wanted), |binding| {
        let mut doc = place(ctx, gateway, binding);
        if let Some(group) = gateway.record(Coll::CloudGroup, binding.text("GroupId")) {
            doc.extend(shown(&groups::GROUP, ctx, gateway, group));
        }
        doc
    }))
}

/// The plug-ins of one place.
fn plugins_at(ctx: &Ctx, gateway: &Gateway, index: &str, values: &[&str]) -> Reply {
    let found = gateway.records_by(Coll::CloudBinding, index, values);
    let plugins = found.filter_map(|binding| gateway.record(Coll::CloudPlugin, binding.text("PolicyId")));
    page(ctx, plugins, |plugin| shown(&PLUGIN, ctx, gateway, plugin))
}

/// `DescribePluginsByApi`.
pub(crate) fn of_api(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    let at = [TO_API, &*api.id, ctx.text("StageName")];
    Ok(plugins_at(ctx, gateway, "Policy,ApiId,StageName", &at))
}

/// `DescribePluginsByGroup`.
pub(crate) fn of_group(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let group = groups::named(ctx, gateway)?;
    let at = [TO_GROUP, &*group.id, ctx.text("StageName")];
    Ok(plugins_at(ctx, gateway, "Policy,GroupId,StageName", &at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_a_good_definition() {
        for kind in &TYPES {
            assert!(check(kind.name, kind.sample).is_ok(), "{}", kind.name);
            let needed = kind.members.iter().any(|(.., needed)| *needed);
            assert_eq!(check(kind.name, "{}").is_err(), needed, "{}", kind.name);
            assert!(check(kind.name, "[]").is_err(), "{}", kind.name);
        }
    }

    #[test]
    fn what_limits_by_parameters_needs_no_basic_limits() {
        let data =
            |limit: &str| format!("{{{limit}\"rules\":[],\"parameters\":{{\"ip\":\"System:CaClientIp\"}}}}");
        assert!(check("trafficControl", &data("\"defaultLimit\":9,\"defaultPeriod\":\"DAY\",")).is_ok());
        assert!(check("trafficControl", &data("")).is_err());
        assert!(check("trafficControl", &data("\"defaultLimit\":9,\"defaultPeriod\":\"WEEK\",")).is_err());
    }

    #[test]
    fn values_are_checked() {
        for (kind, data) in [
            ("trafficControl", "{\"unit\":\"WEEK\",\"apiDefault\":1}"),
            ("trafficControl", "{\"unit\":\"DAY\",\"apiDefault\":\"many\"}"),
            ("ipControl", "{\"type\":\"ALLOW\",\"items\":[{\"blocks\":[\"300.0.0.1\"]}]}"),
            ("cors", "{\"allowOrigins\":7}"),
        ] {
            assert_eq!(check(kind, data).unwrap_err().code, "InvalidPluginData", "{data}");
        }
    }
}
