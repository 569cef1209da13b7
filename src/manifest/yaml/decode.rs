//! Nodes to typed values, with all problems at once.
//!
//! `serde` gives up at the first error. So where there is one, decoding is tried again and again: what was reported is
//! passed over, what is missing is filled in by a [`StandIn`], until nothing new is found. A document without errors
//! is decoded once and pays for none of this.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ptr;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::{Blamed, Fault};
use super::node::{Key, Node};
use super::report;
use super::stand_in::{ATTEMPTS, StandIn};
use super::value::Value;
use crate::problem::{Problem, Source};

/// How often decoding a document is tried again.
const PASSES_MAX: usize = 256;
/// How many problems are reported for a document.
const PROBLEMS_MAX: usize = 200;
/// How many values all passes over a document may look at.
const VISITS_MAX: usize = 4_000_000;

/// `node` as a `T`. Adds all that does not fit to `problems`, in the order of the file.
///
/// Where all that is wrong are unknown fields, there is a value nonetheless, for checks that come later.
///
/// - `String` takes text only; visitors that ask for `deserialize_str` get any scalar as it is written.
/// - Fields that a struct does not know are problems, with or without `deny_unknown_fields`.
/// - The message of a [`serde::de::Error::custom`] may carry a hint: `"message\u{1f}hint"`.
/// - `flatten`, `untagged` and `tag = "…"` lose the places of values: do not use them.
pub fn decode<T: DeserializeOwned>(
    node: &Node,
    source: &Arc<Source>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let pass = Pass { recovery: None };
    if let Ok(value) = T::deserialize(Value::new(node, None, &pass)) {
        return Some(value);
    }
    let pass = Pass { recovery: Some(RefCell::new(Recovery::new(source))) };
    let value = decode_again(node, &pass);
    let mut recovery = pass.recovery?.into_inner();
    recovery.problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
    problems.append(&mut recovery.problems);
    if recovery.is_cut_short {
        let message = "this document has more problems than are shown";
        let problem = Problem::error("yaml-limit", node.range.first_line(source), message);
        problems.push(problem.label("this document").help("correct those above, and run again"));
    }
    value
}

/// Looks for all errors. There is a value if none but unknown fields were found.
fn decode_again<'de, T: DeserializeOwned>(root: &'de Node, pass: &Pass<'de>) -> Option<T> {
    let recovery = pass.recovery.as_ref()?;
    for _ in 0..PASSES_MAX {
        let blamed = match T::deserialize(Value::new(root, None, pass)) {
            Ok(value) => return recovery.borrow().only_unknown_fields.then_some(value),
            Err(error) => error.or_at(root, root.range).into_blamed(),
        };
        let mut recovery = recovery.borrow_mut();
        if !recovery.note(blamed, root) {
            return None;
        }
        if recovery.is_cut_short || recovery.visits > VISITS_MAX {
            break;
        }
    }
    recovery.borrow_mut().is_cut_short = true;
    None
}

/// One attempt to decode a document, and what earlier ones found.
pub(super) struct Pass<'de> {
    /// `None` in the first pass, which only finds out whether there is an error.
    recovery: Option<RefCell<Recovery<'de>>>,
}

/// What the passes over a document found so far.
struct Recovery<'de> {
    source: &'de Arc<Source>,
    problems: Vec<Problem>,
    /// Values to be passed over: they were reported, or cannot be had because of others that were.
    broken: HashSet<Address>,
    /// Fields to be filled in, by the mapping they are missing in, with the number of the attempt.
    missing: HashMap<Address, BTreeMap<&'static str, usize>>,
    /// Unknown fields, and the fields most likely meant.
    meant: HashMap<Address, &'static str>,
    only_unknown_fields: bool,
    visits: usize,
    /// Whether there may be problems that were not looked for.
    is_cut_short: bool,
}

/// The identity of a node: nodes do not move while a document is decoded.
type Address = *const Node;

impl<'de> Pass<'de> {
    /// Whether `node` is to be treated as absent.
    pub(super) fn passes_over(&self, node: &Node) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| recovery.borrow_mut().passes_over(node))
    }

    /// Whether an entry is to be treated as absent. Reports it if it is none of `fields`.
    pub(super) fn passes_over_entry(
        &self,
        key: &Key,
        value: &Node,
        fields: Option<&'static [&'static str]>,
    ) -> bool {
        let Some(recovery) = &self.recovery else { return false };
        let mut recovery = recovery.borrow_mut();
        if let Some(known) = fields
            && !known.contains(&&*key.text)
            && recovery.broken.insert(value)
            && !recovery.is_cut_short
        {
            if let Some(meant) = report::meant_field(&key.text, known) {
                recovery.meant.insert(value, meant);
            }
            let problem = report::unknown_field(key, known, recovery.source);
            recovery.report(problem);
        }
        recovery.passes_over(value)
    }

    /// The next missing one of `fields` of the struct in `mapping`, after the one filled in before.
    pub(super) fn next_stand_in(
        &self,
        mapping: &Node,
        fields: Option<&'static [&'static str]>,
        before: Option<&'static str>,
    ) -> Option<(&'static str, StandIn)> {
        let recovery = self.recovery.as_ref()?.borrow();
        let missing = recovery.missing.get(&ptr::from_ref(mapping))?;
        let mut names = fields?.iter();
        if let Some(before) = before {
            names.find(|name| **name == before);
        }
        names.find_map(|name| missing.get(name).map(|attempt| (*name, StandIn::new(*attempt))))
    }
}

impl<'de> Recovery<'de> {
    fn new(source: &'de Arc<Source>) -> Self {
        Self {
            source,
            problems: Vec::new(),
            broken: HashSet::new(),
            missing: HashMap::new(),
            meant: HashMap::new(),
            only_unknown_fields: true,
            visits: 0,
            is_cut_short: false,
        }
    }

    fn passes_over(&mut self, node: &Node) -> bool {
        self.visits += 1;
        self.broken.contains(&ptr::from_ref(node))
    }

    /// Takes note of an error. Whether there is a point in another pass.
    fn note(&mut self, blamed: Blamed<'de>, root: &Node) -> bool {
        let node = blamed.node.unwrap_or(root);
        let address = ptr::from_ref(node);
        match &blamed.fault {
            Fault::MissingField { field } => {
                self.only_unknown_fields = false;
                let filled = self.missing.get(&address).is_some_and(|fields| fields.contains_key(field));
                if !filled {
                    if !self.has_broken(node, field) {
                        self.report(report::problem(&blamed, node, self.source));
                    }
                    self.missing.entry(address).or_default().insert(field, 0);
                    return true;
                }
                // The mapping is read by hand, and does not ask for stand-ins.
            }
            Fault::NoStandIn { field } => {
                if let Some(attempt) = self.missing.get_mut(&address).and_then(|fields| fields.get_mut(field))
                {
                    *attempt += 1;
                    if *attempt < ATTEMPTS {
                        return true;
                    }
                }
            }
            Fault::Consequence => {}
            // What is wrong with a value that has holes may follow from them.
            Fault::Invalid { .. } if self.has_hole(node) => {}
            Fault::UnknownField { .. } => self.report(report::problem(&blamed, node, self.source)),
            _ => {
                self.only_unknown_fields = false;
                self.report(report::problem(&blamed, node, self.source));
            }
        }
        self.broken.insert(address) && !ptr::eq(node, root)
    }

    /// Whether `mapping` has `field`, or another that was meant to be it, and it was reported.
    fn has_broken(&self, mapping: &Node, field: &str) -> bool {
        mapping.entries().iter().any(|(key, value)| {
            let address = ptr::from_ref(value);
            self.broken.contains(&address)
                && (&*key.text == field || self.meant.get(&address) == Some(&field))
        })
    }

    fn has_hole(&self, node: &Node) -> bool {
        let is_hole = |node: &Node| {
            let address = ptr::from_ref(node);
            self.broken.contains(&address) || self.missing.contains_key(&address)
        };
        is_hole(node)
            || node.items().iter().any(|item| self.has_hole(item))
            || node.entries().iter().any(|(_, value)| self.has_hole(value))
    }

    /// Values that aliases copied share their place, and one report is enough.
    fn report(&mut self, problem: Problem) {
        let known =
            |p: &Problem| p.code == problem.code && p.span == problem.span && p.message == problem.message;
        if self.problems.iter().any(known) {
            return;
        }
        self.is_cut_short |= self.problems.len() == PROBLEMS_MAX;
        if !self.is_cut_short {
            self.problems.push(problem);
        }
    }
}
