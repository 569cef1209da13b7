//! A layered picture: a column per depth, what must be there first on the left, few crossings.

use std::io::{self, Write};

use super::{Drawing, colours};
use crate::ui::escape;

const ROW: usize = 46;
const BOX: usize = 36;
const GAP: usize = 70;
const MARGIN: usize = 20;

/// A node's box.
#[derive(Clone, Copy, Default)]
struct Place {
    x: usize,
    y: usize,
    wide: usize,
}

/// Writes the picture.
pub(super) fn svg(out: &mut dyn Write, drawing: &Drawing) -> io::Result<()> {
    let columns = columns(drawing);
    let (places, width, height) = places(drawing, &columns);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\">"
    )?;
    writeln!(out, "<title>Desired state: {} nodes</title>", drawing.nodes.len())?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")?;
    writeln!(out, "<g fill=\"none\" stroke=\"#94a3b8\" stroke-opacity=\"0.7\">")?;
    for (from, to) in &drawing.edges {
        let (a, b) = (places[*to], places[*from]);
        let (x1, y1, x2, y2) = (a.x + a.wide, a.y + BOX / 2, b.x, b.y + BOX / 2);
        let middle = usize::midpoint(x1, x2);
        writeln!(out, "<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>")?;
    }
    writeln!(out, "</g>")?;
    for (node, place) in drawing.nodes.iter().zip(&places) {
        let Place { x, y, wide } = *place;
        let (fill, line) = colours(node.kind);
        let dashed = if node.external { " stroke-dasharray=\"4 3\"" } else { "" };
        let label = escape::xml(&node.label);
        writeln!(
            out,
            "<g><rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{BOX}\" rx=\"6\" fill=\"{fill}\" stroke=\"{line}\"{dashed}/>"
        )?;
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"9\" fill=\"{line}\">{}</text>",
            x + 9,
            y + 13,
            node.kind
        )?;
        writeln!(out, "<text x=\"{}\" y=\"{}\" fill=\"#0f172a\">{label}</text></g>", x + 9, y + 28)?;
    }
    writeln!(out, "</svg>")
}

/// The nodes by depth: what needs nothing first. Nodes of a cycle come last.
fn columns(drawing: &Drawing) -> Vec<Vec<usize>> {
    let n = drawing.nodes.len();
    let mut waiting = vec![0usize; n];
    let mut needed_by = vec![Vec::new(); n];
    let mut needs = vec![Vec::new(); n];
    for (from, to) in &drawing.edges {
        waiting[*from] += 1;
        needed_by[*to].push(*from);
        needs[*from].push(*to);
    }
    let mut depth: Vec<Option<usize>> = vec![None; n];
    let mut ready: Vec<usize> = (0..n).filter(|i| waiting[*i] == 0).collect();
    let mut last = 0;
    while let Some(node) = ready.pop() {
        let own = needs[node].iter().filter_map(|p| depth[*p]).max().map_or(0, |d| d + 1);
        depth[node] = Some(own);
        last = last.max(own);
        for next in &needed_by[node] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    let mut columns = vec![Vec::new(); last + 2];
    for node in 0..n {
        columns[depth[node].unwrap_or(last + 1)].push(node);
    }
    columns.retain(|c| !c.is_empty());
    // Each column is ordered by where its neighbours to the left stand, then once more from the right.
    let mut row = vec![0usize; n];
    let number = |column: &[usize], row: &mut Vec<usize>| {
        for (i, node) in column.iter().enumerate() {
            row[*node] = i * 1000 / column.len();
        }
    };
    for column in &columns {
        number(column, &mut row);
    }
    for pass in 0..4 {
        let neighbours = if pass % 2 == 0 { &needs } else { &needed_by };
        let order: Vec<usize> =
            if pass % 2 == 0 { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for index in order {
            let centre = |node: usize| {
                let around = &neighbours[node];
                if around.is_empty() {
                    row[node]
                } else {
                    around.iter().map(|p| row[*p]).sum::<usize>() / around.len()
                }
            };
            let mut sorted: Vec<(usize, usize)> =
                columns[index].iter().map(|node| (centre(*node), *node)).collect();
            sorted.sort_unstable();
            columns[index] = sorted.into_iter().map(|(_, node)| node).collect();
            number(&columns[index], &mut row);
        }
    }
    columns
}

fn places(drawing: &Drawing, columns: &[Vec<usize>]) -> (Vec<Place>, usize, usize) {
    let mut places = vec![Place::default(); drawing.nodes.len()];
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut x = MARGIN;
    for column in columns {
        let text =
            |i: &usize| escape::width(&drawing.nodes[*i].label).max(drawing.nodes[*i].kind.name().len());
        let wide = column.iter().map(text).max().unwrap_or(0) * 7 + 20;
        // Short columns are spread over the height, so that lines stay flat.
        let top = (tallest - column.len()) * ROW / 2;
        for (i, node) in column.iter().enumerate() {
            places[*node] = Place { x, y: MARGIN + top + i * ROW, wide };
        }
        x += wide + GAP;
    }
    (places, x.saturating_sub(GAP) + MARGIN, tallest * ROW + 2 * MARGIN - (ROW - BOX))
}
