//! The quotas of a gateway: names, default values, what counts against them (3.22.1).

use serde_json::{Value, json};

use super::super::model::Coll;
use super::super::store::Gateway;
use super::context::{Ctx, Members, Reply, Settings};
use super::protocol::Edition;

/// `config_name` and default value. Where the document names no number, the value is one of the vendor's usual ones.
pub(crate) const DEFAULTS: [(&str, &str); 42] = [
    ("API_NUM_LIMIT", "8000"),
    ("APP_NUM_LIMIT", "1000"),
    ("APIGROUP_NUM_LIMIT", "1500"),
    ("ENVIRONMENT_NUM_LIMIT", "10"),
    ("VARIABLE_NUM_LIMIT", "50"),
    ("SIGN_NUM_LIMIT", "200"),
    ("THROTTLE_NUM_LIMIT", "300"),
    ("APIGROUP_DOMAIN_NUM_LIMIT", "5"),
    ("API_VERSION_NUM_LIMIT", "10"),
    ("VPC_NUM_LIMIT", "30"),
    ("VPC_INSTANCE_NUM_LIMIT", "200"),
    ("API_PARAM_NUM_LIMIT", "50"),
    ("API_USER_CALL_LIMIT", "200"),
    ("ACL_NUM_LIMIT", "100"),
    ("APP_THROTTLE_LIMIT", "30"),
    ("USER_THROTTLE_LIMIT", "30"),
    ("API_NUM_LIMIT_PER_GROUP", "1000"),
    ("API_POLICY_NUM_LIMIT", "5"),
    ("API_CONDITION_NUM_LIMIT", "10"),
    ("SL_DOMAIN_CALL_LIMIT", "1000"),
    ("ELB_SWITCH", "1"),
    ("AUTHORIZER_NUM_LIMIT", "50"),
    ("AUTHORIZER_IDENTITY_NUM_LIMIT", "10"),
    ("APP_CODE_NUM_LIMIT", "5"),
    ("REGION_MANAGER_WHITELIST_SERVICES", ""),
    ("API_SWAGGER_NUM_LIMIT", "10"),
    ("API_TAG_NUM_LIMIT", "10"),
    ("LTS_SWITCH", "1"),
    ("APP_KEY_SECRET_SWITCH", "1"),
    ("RESPONSE_NUM_LIMIT", "10"),
    ("CONFIG_NUM_LIMIT_PER_APP", "50"),
    ("BACKEND_TOKEN_ALLOW_SWITCH", "1"),
    ("APP_TOKEN_SWITCH", "1"),
    ("API_DESIGNER_SWITCH", "2"),
    ("APP_API_KEY_SWITCH", "1"),
    ("APP_BASIC_SWITCH", "1"),
    ("APP_JWT_SWITCH", "1"),
    ("APP_ROUTE_SWITCH", "1"),
    ("PUBLIC_KEY_SWITCH", "2"),
    ("APP_SECRET_SWITCH", "1"),
    ("CASCADE_SWITCH", "2"),
    ("IS_INIT_API_PATH_HASH", "1"),
];

/// What the shared gateway allows a project, where that is another number.
const SHARED: [(&str, &str); 3] =
    [("API_NUM_LIMIT", "300"), ("APP_NUM_LIMIT", "30"), ("APIGROUP_NUM_LIMIT", "30")];

/// The value in force.
pub(crate) fn value<'a>(settings: &'a Settings, edition: Edition, config: &str) -> &'a str {
    let own = SHARED.iter().filter(|_| edition == Edition::V1);
    let default = || own.chain(&DEFAULTS).find(|(name, _)| *name == config).map_or("", |(_, value)| *value);
    settings.limits.get(config).map_or_else(default, String::as_str)
}

/// True unless a switch is off.
pub(crate) fn enabled(ctx: &Ctx, config: &str) -> bool {
    value(ctx.settings, ctx.edition(), config) == "1"
}

/// 3.22.1: the quotas and how much of each is used.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Reply {
    let fields = ctx.operation.item();
    Reply::page(ctx, DEFAULTS.iter().enumerate(), |out, (index, (name, _))| {
        let members = Members::default()
            .with("config_id", (index + 1).to_string())
            .with("config_name", *name)
            .with("config_value", value(ctx.settings, ctx.edition(), name))
            .with("config_time", "2020-01-01T00:00:00Z")
            .with("remark", "")
            .with("used", used(gateway, name));
        members.write(fields, out);
    })
}

fn used(gateway: &Gateway, config: &str) -> Value {
    let coll = match config {
        "API_NUM_LIMIT" => Coll::Api,
        "APP_NUM_LIMIT" => Coll::App,
        "APIGROUP_NUM_LIMIT" => Coll::Group,
        "ENVIRONMENT_NUM_LIMIT" => Coll::Env,
        "SIGN_NUM_LIMIT" => Coll::Sign,
        "THROTTLE_NUM_LIMIT" => Coll::Throttle,
        "ACL_NUM_LIMIT" => Coll::Acl,
        "VPC_NUM_LIMIT" => Coll::Channel,
        "AUTHORIZER_NUM_LIMIT" => Coll::Authorizer,
        _ => return json!(0),
    };
    json!(gateway.table(coll).len())
}
