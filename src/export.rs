//! Live state to manifests: the inverse of `desired`. Pure; a plan from what it returns is empty.
//!
//! What a gateway cannot show gets a stand-in that says so: a secret becomes the name of an environment variable.

#![deny(clippy::disallowed_methods)]

mod certificates;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::api::AuthType;
use crate::kinds::app::AppSpec;
use crate::kinds::authorization::AuthorizationSpec;
use crate::kinds::binding::{BindingSpec, Selector};
use crate::kinds::gateway::GatewaySpec;
use crate::kinds::group_response::is_default;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::{DocumentSpec, Spec, is_given};
use crate::kinds::throttle::{Exception, ThrottleSpec};
use crate::kinds::value::Secret;
use crate::kinds::variable::VariableSpec;
use crate::manifest::file_name::{SLUG_MAX, Taken, file_slug, slug};
use crate::manifest::write;
use crate::observed::{Live, Observed};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its path below the folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What an export comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// The files, ordered by path.
    pub files: Vec<ExportedFile>,
    /// How many documents of each kind.
    pub counts: BTreeMap<Kind, usize>,
    /// Environment variables that the manifests name for secrets.
    pub secrets: Vec<String>,
    /// Remarks, one sentence each.
    pub remarks: Vec<String>,
}

/// The manifests of what was observed; `schema` is named for editors on top of each file.
#[must_use]
pub fn export(observed: &Observed, schema: Option<&str>) -> Exported {
    let mut export = Export { observed, schema, exported: Exported::default(), texts: BTreeMap::new() };
    export.environments();
    export.groups();
    export.throttles();
    export.signatures();
    export.plain(Kind::AccessControl, "access-controls.yaml");
    export.plugins();
    export.apps();
    export.plain(Kind::Quota, "quotas.yaml");
    export.plain(Kind::Channel, "channels.yaml");
    export.plain(Kind::Authorizer, "authorizers.yaml");
    export.certificates();
    export.features();
    export.gateway();
    export.bindings();
    export.authorizations();
    let mut exported = export.exported;
    exported.files = export.texts.into_iter().map(|(path, text)| ExportedFile { path, text }).collect();
    exported
}

struct Export<'a> {
    observed: &'a Observed,
    schema: Option<&'a str>,
    exported: Exported,
    texts: BTreeMap<String, String>,
}

impl<'a> Export<'a> {
    fn by_group(&self, kind: Kind) -> BTreeMap<String, Vec<(&'a Address, &'a Live)>> {
        let mut groups: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (address, live) in self.observed.of_kind(kind) {
            groups.entry(address.part(0)).or_default().push((address, live));
        }
        groups
    }

    fn put(&mut self, path: &str, kind: Kind, metadata: &Metadata, spec: &DocumentSpec) {
        *self.exported.counts.entry(kind).or_insert(0) += 1;
        let text = self.texts.entry(path.to_owned()).or_default();
        if !text.is_empty() {
            text.push_str("---\n");
        }
        let depth = path.matches('/').count();
        let schema =
            self.schema.map(|s| if s.contains("://") { s.to_owned() } else { "../".repeat(depth) + s });
        text.push_str(&write::document(
            kind,
            metadata,
            spec,
            write::Options { schema: schema.as_deref(), comment: None },
        ));
    }

    fn environments(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::Environment) {
            let Some(Spec::Environment(spec)) = live.spec() else { continue };
            if is_given(address) {
                continue;
            }
            self.put(
                "environments.yaml",
                Kind::Environment,
                &named(address),
                &DocumentSpec::Environment(spec.clone()),
            );
        }
    }

    /// A folder for each group, with the group, its variables, and a file for each API.
    fn groups(&mut self) {
        let mut published: BTreeMap<Address, Vec<String>> = BTreeMap::new();
        for (address, _) in self.observed.of_kind(Kind::Publication) {
            let api = Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
            published.entry(api).or_default().push(address.part(2));
        }
        let mut apis = self.by_group(Kind::Api);
        let mut variables = self.by_group(Kind::Variable);
        let mut domains = self.by_group(Kind::Domain);
        let mut folders = Taken::default();
        for (address, live) in self.observed.of_kind(Kind::Group) {
            let Some(Spec::Group(spec)) = live.spec() else { continue };
            let group = address.name();
            let folder = folders.claim(&slug(&group), SLUG_MAX);
            self.put(
                &format!("{folder}/group.yaml"),
                Kind::Group,
                &named(address),
                &DocumentSpec::Group(spec.clone()),
            );
            self.responses(&group, &format!("{folder}/responses.yaml"));
            if let Some(domains) = domains.remove(&group) {
                self.domains(domains, &format!("{folder}/domains.yaml"));
            }
            let variables = variables.remove(&group).unwrap_or_default();
            self.variables(&group, variables, &format!("{folder}/variables.yaml"));
            let mut files = Taken::default();
            files.claim("group", SLUG_MAX);
            files.claim("variables", SLUG_MAX);
            files.claim("responses", SLUG_MAX);
            files.claim("domains", SLUG_MAX);
            for (address, live) in apis.remove(&group).unwrap_or_default() {
                let Some(Spec::Api(spec)) = live.spec() else { continue };
                let mut spec = (**spec).clone();
                spec.publish = published.get(address).cloned().unwrap_or_default();
                self.unpublished(address, &spec.publish);
                let file = files.claim(&file_slug(&group, &address.name()), SLUG_MAX);
                let metadata =
                    Metadata { name: address.name(), group: Some(group.clone()), ..Metadata::default() };
                let path = format!("{folder}/{file}.yaml");
                self.put(&path, Kind::Api, &metadata, &DocumentSpec::Api(Box::new(spec)));
            }
        }
    }

    /// A manifest has one definition: where the draft was edited and not published, a plan publishes it.
    fn unpublished(&mut self, api: &Address, environments: &[String]) {
        let draft = self.observed.get(api).and_then(Live::digest);
        for environment in environments {
            let running = self.observed.get(&api.child(Kind::Publication, environment));
            if running.and_then(Live::digest) != draft {
                let api = api.path();
                self.exported.remarks.push(format!(
                    "{api}: what runs in {environment} differs from the draft; the manifest has the draft, and a plan will publish it"
                ));
            }
        }
    }

    fn variables(&mut self, group: &str, found: Vec<(&Address, &Live)>, path: &str) {
        let mut values: BTreeMap<String, IndexMap<String, String>> = BTreeMap::new();
        for (address, live) in found {
            if let Some(Spec::Variable(spec)) = live.spec() {
                values.entry(address.name()).or_default().insert(address.part(1), spec.value.clone());
            }
        }
        for (name, values) in values {
            let metadata = Metadata { name, group: Some(group.to_owned()), ..Metadata::default() };
            self.put(path, Kind::Variable, &metadata, &DocumentSpec::Variable(VariableSpec { values }));
        }
    }

    /// The responses of a group; the default one where it was changed.
    fn responses(&mut self, group: &str, path: &str) {
        for (address, live) in self.observed.of_kind(Kind::GroupResponse) {
            let Some(Spec::GroupResponse(spec)) = live.spec().filter(|_| address.part(0) == group) else {
                continue;
            };
            if !is_default(address) || !spec.errors.is_empty() {
                let metadata =
                    Metadata { name: address.name(), group: Some(group.to_owned()), ..Metadata::default() };
                self.put(path, Kind::GroupResponse, &metadata, &DocumentSpec::GroupResponse(spec.clone()));
            }
        }
    }

    /// Features that were set.
    fn features(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::Feature) {
            let Some(Spec::Feature(spec)) = live.spec() else { continue };
            let mut spec = spec.clone();
            if spec.secret.is_some() {
                let variable = format!("FEATURE_{}", slug(&address.name()).to_uppercase().replace('-', "_"));
                self.exported.secrets.push(variable.clone());
                spec.secret = Some(Secret::FromEnv(variable));
            }
            self.put("features.yaml", Kind::Feature, &named(address), &DocumentSpec::Feature(spec));
        }
    }

    /// The gateway itself, with its tags and permissions.
    fn gateway(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::Gateway) {
            let Some(Spec::Gateway(settings)) = live.spec() else { continue };
            let mut spec = GatewaySpec {
                description: settings.description.clone(),
                maintenance: settings.maintenance,
                security_group: settings.security_group.clone(),
                ..GatewaySpec::default()
            };
            for (tag, live) in self.observed.of_kind(Kind::GatewayTag) {
                if let Some(Spec::GatewayTag(value)) = live.spec() {
                    spec.tags.insert(tag.part(1), value.value.clone());
                }
            }
            let permissions = self.observed.of_kind(Kind::EndpointPermission);
            spec.endpoint_permissions =
                permissions.into_iter().map(|(permission, _)| permission.part(1)).collect();
            // Of one that nobody said anything of, there is nothing to keep; a document would only tie the others to its name.
            let described = spec.description.as_ref().is_some_and(|text| !text.is_empty());
            if !described && spec.tags.is_empty() && spec.endpoint_permissions.is_empty() {
                continue;
            }
            self.put("gateway.yaml", Kind::Gateway, &named(address), &DocumentSpec::Gateway(spec));
        }
    }

    fn throttles(&mut self) {
        let mut exceptions: BTreeMap<String, Vec<Exception>> = BTreeMap::new();
        for (address, live) in self.observed.of_kind(Kind::ThrottleException) {
            let Some(Spec::ThrottleException(spec)) = live.spec() else { continue };
            let (app, user) = match address.part(1).as_str() {
                "app" => (Some(address.part(2)), None),
                _ => (None, Some(address.part(2))),
            };
            exceptions.entry(address.part(0)).or_default().push(Exception { app, user, limit: spec.limit });
        }
        for (address, live) in self.observed.of_kind(Kind::Throttle) {
            let Some(Spec::Throttle(spec)) = live.spec() else { continue };
            let exceptions = exceptions.remove(&address.name()).unwrap_or_default();
            let spec = ThrottleSpec { exceptions, ..spec.clone() };
            self.put("throttles.yaml", Kind::Throttle, &named(address), &DocumentSpec::Throttle(spec));
        }
    }

    fn signatures(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::Signature) {
            let Some(Spec::Signature(spec)) = live.spec() else { continue };
            let mut spec = spec.clone();
            let variable = format!("SIGNATURE_{}", slug(&address.name()).to_uppercase().replace('-', "_"));
            spec.secret = Secret::FromEnv(variable.clone());
            self.exported.secrets.push(variable);
            self.put("signatures.yaml", Kind::Signature, &named(address), &DocumentSpec::Signature(spec));
        }
    }

    /// Documents of a kind that are what the gateway shows.
    fn plain(&mut self, kind: Kind, path: &str) {
        for (address, live) in self.observed.of_kind(kind) {
            if let Some(spec) = live.spec().and_then(Spec::document) {
                self.put(path, kind, &named(address), &spec);
            }
        }
    }

    /// Plug-ins; one that manifests cannot say stays as it is.
    fn plugins(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::Plugin) {
            let Some(Spec::Plugin(spec)) = live.spec() else {
                let name = address.name();
                self.exported
                    .remarks
                    .push(format!("the plug-in {name} holds what a manifest cannot say: left out"));
                continue;
            };
            let spec = spec.told();
            let asks = spec.kafka_log.as_ref().and_then(|log| log.security.as_ref());
            let password = asks.filter(|s| s.password.is_some() || !s.username.is_empty()).map(|_| {
                let variable = format!("PLUGIN_{}", slug(&address.name()).to_uppercase().replace('-', "_"));
                self.exported.secrets.push(variable.clone());
                Secret::FromEnv(variable)
            });
            let spec = DocumentSpec::Plugin(Box::new(spec.with_secret(password.as_ref())));
            self.put("plugins.yaml", Kind::Plugin, &named(address), &spec);
        }
    }

    /// Apps with their keys. Their secrets stay as they are: a manifest without one leaves it to the gateway.
    fn apps(&mut self) {
        for (address, live) in self.observed.of_kind(Kind::App) {
            let Some(Spec::App(spec)) = live.spec() else { continue };
            let access = self.observed.get(&Address::new(Kind::AppAccess, &[&address.name()]));
            let access_control = match access.and_then(Live::spec) {
                Some(Spec::AppAccess(access)) => Some(access.clone()),
                _ => None,
            };
            let bound = self.observed.get(&Address::new(Kind::QuotaBinding, &[&address.name()]));
            let quota = bound.and_then(Live::spec).and_then(Spec::bound).map(str::to_owned);
            let is_code = |a: &Address| a.kind == Kind::AppCode && a.part(0) == address.name();
            let codes = self.observed.resources.keys().filter(|a| is_code(a)).count();
            if codes > 0 {
                let (noun, stay) =
                    if codes == 1 { ("code", "stays as it is") } else { ("codes", "stay as they are") };
                let name = address.name();
                self.exported.remarks.push(format!(
                    "the app {name} has {codes} {noun}, left out: what no manifest names {stay}"
                ));
            }
            let spec = DocumentSpec::App(AppSpec { access_control, quota, ..spec.clone() });
            self.put("apps.yaml", Kind::App, &named(address), &spec);
        }
    }

    /// One document for each policy, environment and group. Where all APIs of the group that are published there have it, the
    /// group is the selector; otherwise their names are.
    fn bindings(&mut self) {
        let mut published: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (address, _) in self.observed.of_kind(Kind::Publication) {
            published.entry((address.part(0), address.part(2))).or_default().insert(address.part(1));
        }
        let mut bound: BTreeMap<(Kind, String, String, String), BTreeSet<String>> = BTreeMap::new();
        for def in Kind::attachments() {
            for (address, live) in self.observed.of_kind(def.kind) {
                let Some(policy) = live.spec().and_then(Spec::bound) else { continue };
                let described = |p: &str| {
                    let plugin = self.observed.get(&Address::new(Kind::Plugin, &[p]));
                    plugin.is_some_and(|live| live.spec().is_some())
                };
                if def.kind == Kind::PluginBinding && !described(policy) {
                    continue;
                }
                let key = (def.kind, policy.to_owned(), address.part(2), address.part(0));
                bound.entry(key).or_default().insert(address.part(1));
            }
        }
        let mut names = Taken::default();
        for ((kind, policy, environment, group), apis) in bound {
            let all = published.get(&(group.clone(), environment.clone())) == Some(&apis);
            let selector = Selector {
                group: Some(group.clone()),
                names: if all { Vec::new() } else { apis.into_iter().collect() },
                ..Selector::default()
            };
            let name = names.claim(&slug(&format!("{policy} on {group} in {environment}")), SLUG_MAX);
            let spec = BindingSpec::new(kind, policy, environment, selector);
            let metadata = Metadata { name, ..Metadata::default() };
            self.put("bindings.yaml", Kind::Binding, &metadata, &DocumentSpec::Binding(spec));
        }
    }
}

impl Export<'_> {
    /// One document for each environment, group and set of apps. Of what is authorized that no manifest can say, because the
    /// API is not published there, or is not called by apps, there is a remark.
    fn authorizations(&mut self) {
        let mut apps: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
        let mut left = 0;
        for (address, _) in self.observed.of_kind(Kind::AppAuthorization) {
            let [group, api, environment, app] = [0, 1, 2, 3].map(|i| address.part(i));
            if self.is_called_by_apps(&group, &api, &environment) {
                apps.entry((environment, group, api)).or_default().insert(app);
            } else {
                left += 1;
            }
        }
        if left > 0 {
            let (are, they) =
                if left == 1 { ("authorization is", "it has") } else { ("authorizations are", "they have") };
            self.exported.remarks.push(format!(
                "{left} {are} left out: {they} no effect, because the API is not published there or not called by apps"
            ));
        }
        let mut documents: BTreeMap<(String, String, BTreeSet<String>), Vec<String>> = BTreeMap::new();
        for ((environment, group, api), apps) in apps {
            documents.entry((environment, group, apps)).or_default().push(api);
        }
        let mut names = Taken::default();
        for ((environment, group, apps), apis) in documents {
            let name = names.claim(&slug(&format!("callers of {group} in {environment}")), SLUG_MAX);
            let apis = Selector { group: Some(group), names: apis, ..Selector::default() };
            let spec = AuthorizationSpec { apps: apps.into_iter().collect(), environment, apis };
            let metadata = Metadata { name, ..Metadata::default() };
            let spec = DocumentSpec::Authorization(spec);
            self.put("authorizations.yaml", Kind::Authorization, &metadata, &spec);
        }
    }

    fn is_called_by_apps(&self, group: &str, api: &str, environment: &str) -> bool {
        let draft = self.observed.get(&Address::new(Kind::Api, &[group, api])).and_then(Live::spec);
        let published = self.observed.get(&Address::new(Kind::Publication, &[group, api, environment]));
        published.is_some() && matches!(draft, Some(Spec::Api(spec)) if spec.auth.kind == AuthType::App)
    }
}

fn named(address: &Address) -> Metadata {
    Metadata { name: address.name(), ..Metadata::default() }
}
