//! The versions that a gateway keeps, as a list.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::json;

use super::{ADDED, BOLD, DIM, Options, escape};
use crate::address::Address;
use crate::history::History;

/// Writes them for people: newest first, the one that runs marked.
///
/// # Errors
/// When the writer fails.
pub fn text(
    out: &mut dyn Write,
    histories: &BTreeMap<Address, History>,
    options: &Options,
) -> io::Result<()> {
    for (i, (address, history)) in histories.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let title = format!("{}/{} in {}", address.part(0), address.part(1), address.part(2));
        writeln!(out, "{}", options.paint(BOLD, escape::plain(&title)))?;
        for version in &history.versions {
            let runs = if version.runs { "runs" } else { "" };
            let line = format!(
                "  {}  {}  {}  {runs:<4}  {}",
                version.number, version.published, version.id, version.remark
            );
            let style = if version.runs { ADDED } else { DIM };
            writeln!(out, "{}", options.paint(style, escape::plain(line.trim_end())))?;
        }
    }
    Ok(())
}

/// Writes them for programs.
///
/// # Errors
/// When the writer fails.
pub fn json(out: &mut dyn Write, histories: &BTreeMap<Address, History>) -> io::Result<()> {
    let one = |(address, history): (&Address, &History)| {
        let version = |v: &crate::history::Version| {
            json!({
                "version": v.number, "id": v.id, "published": v.published, "remark": v.remark, "runs": v.runs,
            })
        };
        json!({
            "group": address.part(0), "api": address.part(1), "environment": address.part(2),
            "versions": history.versions.iter().map(version).collect::<Vec<_>>(),
        })
    };
    let all: Vec<_> = histories.iter().map(one).collect();
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}
