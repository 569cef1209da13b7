//! Variables and patches of the project file, as one target sees them.

use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::check::At;
use super::{Project, ProjectFile};
use crate::manifest::overlay::{Literal, Overlay, Variable, VariableType, patch};
use crate::manifest::yaml::{self, Limits};
use crate::manifest::{self};
use crate::problem::{Problem, Span, did_you_mean};

/// A variable of the manifests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[schemars(rename = "Variable")]
pub struct VariableFile {
    /// What its values are.
    #[serde(default, rename = "type")]
    pub kind: VariableType,
    /// Its value for targets that give none. Without it, every target has to give one.
    #[serde(default)]
    pub default: Option<Literal>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// Whether a name can stand in `${var.NAME}`.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The place of a value within the project file; names of targets may have dots in them.
fn field(target: &str, name: &str) -> String {
    format!("targets[\"{target}\"].variables[\"{name}\"]")
}

pub(super) fn check(file: &ProjectFile, at: At<'_>, problems: &mut Vec<Problem>) {
    let ill_typed = |name: &str, kind: VariableType, value: &Literal, place: Span| {
        let help = value.fits(kind).err()?;
        Some(
            Problem::error("wrong-type", place, format!("the value of `{name}` has the wrong type"))
                .help(help),
        )
    };
    for (name, variable) in &file.variables {
        let place = format!("variables[\"{name}\"]");
        if !is_name(name) {
            let problem =
                Problem::error("invalid-value", at(&place), format!("`{name}` is no name of a variable"));
            problems.push(problem.help("write letters, digits, `_` and `-`, the first a letter"));
        }
        if let Some(value) = &variable.default {
            problems.extend(ill_typed(name, variable.kind, value, at(&format!("{place}.default"))));
        }
    }
    for (target, settings) in &file.targets {
        for (name, value) in &settings.variables {
            let place = at(&field(target, name));
            if let Some(variable) = file.variables.get(name) {
                problems.extend(ill_typed(name, variable.kind, value, place));
                continue;
            }
            let near = did_you_mean(name, file.variables.keys().map(String::as_str));
            let help = near.map_or_else(
                || format!("declare it: `variables: {{ {name}: {{}} }}`"),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no variable `{name}`");
            problems.push(Problem::error("unknown-variable", place, message).help(help));
        }
    }
}

impl Project {
    /// What a target changes of the manifests. Patches that cannot be read are problems.
    #[must_use]
    pub fn overlay(&self, target: Option<&str>, problems: &mut Vec<Problem>) -> Overlay {
        let Some(source) = &self.source else { return Overlay::default() };
        let name = self.target(target).map(|(name, _)| name).unwrap_or_default();
        let settings = self.file.targets.get(&name);
        let (nodes, _) = yaml::parse(source, &Limits::default());
        let at = |field: &str| nodes.first().map(|node| node.locate(field).span(source));
        let patches = self.file.targets.values().flat_map(|target| &target.patches);
        let skip = patches.map(|path| self.path(path)).collect();
        let mut overlay = Overlay::default();
        overlay.target.clone_from(&name);
        overlay.skip = skip;
        for (variable, declared) in &self.file.variables {
            let own = settings.and_then(|settings| settings.variables.get(variable));
            let place = match (own, &declared.default) {
                (Some(_), _) => field(&name, variable),
                (None, Some(_)) => format!("variables[\"{variable}\"].default"),
                (None, None) => format!("variables[\"{variable}\"]"),
            };
            let whole = || Span { source: Arc::clone(source), start: 0, end: 0 };
            let seen = Variable {
                kind: declared.kind,
                value: own.or(declared.default.as_ref()).cloned(),
                place: at(&place).unwrap_or_else(whole),
            };
            overlay.variables.insert(variable.clone(), seen);
        }
        for path in settings.map(|settings| self.patch_files(&settings.patches, problems)).unwrap_or_default()
        {
            let mut read = patch::read(&path, &overlay, &Limits::default(), problems);
            overlay.patches.append(&mut read);
        }
        overlay
    }

    /// The files of patches.
    fn patch_files(&self, paths: &[PathBuf], problems: &mut Vec<Problem>) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for path in paths {
            let path = self.path(path);
            if path.is_dir() {
                manifest::folder(&path, &mut files, problems);
            } else {
                files.push(path);
            }
        }
        files
    }

    /// Warnings about variables that no manifest and no patch of any target uses.
    #[must_use]
    pub fn unused_variables(&self, overlay: &Overlay) -> Vec<Problem> {
        let used = overlay.used();
        let mut unused: Vec<&String> =
            self.file.variables.keys().filter(|name| !used.contains(*name)).collect();
        if !unused.is_empty() {
            for target in self.file.targets.values() {
                for file in self.patch_files(&target.patches, &mut Vec::new()) {
                    let text = std::fs::read_to_string(file).unwrap_or_default();
                    unused.retain(|name| !text.contains(&format!("${{var.{name}}}")));
                }
            }
        }
        let Some(source) = &self.source else { return Vec::new() };
        let (nodes, _) = yaml::parse(source, &Limits::default());
        let place = |name: &str| {
            nodes.first().map(|node| node.locate_key(&format!("variables[\"{name}\"]")).span(source))
        };
        let warning = |name: &String| {
            Problem::warning("unused-variable", place(name), format!("nothing uses the variable `{name}`"))
                .help(format!("use it in a manifest as `${{var.{name}}}`, or remove it"))
        };
        unused.into_iter().map(warning).collect()
    }
}
