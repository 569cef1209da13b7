//! Wrapped text and aligned tables.

use std::io::{self, Write};

/// A line of a table: aligned cells, then text that wraps in what is left.
pub(super) struct Row {
    /// The aligned cells; the same number in each row.
    pub(super) cells: Vec<String>,
    /// The text after them.
    pub(super) text: String,
}

const INDENT: usize = 2;
const GAP: usize = 2;
/// Less than this for the text, and it goes under the cells.
const TEXT_MIN: usize = 24;

/// Writes the rows, indented and aligned.
pub(super) fn table(rows: &[Row], width: usize, out: &mut dyn Write) -> io::Result<()> {
    let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let length = |row: &Row, column: usize| row.cells.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<_> =
        (0..columns).map(|c| rows.iter().map(|row| length(row, c)).max().unwrap_or_default()).collect();
    let cells: usize = widths.iter().filter(|w| **w > 0).map(|w| w + GAP).sum();
    let beside = INDENT + cells + TEXT_MIN <= width;
    let margin = if beside { INDENT + cells } else { INDENT * 3 };
    for row in rows {
        let mut line = " ".repeat(INDENT);
        for (cell, width) in row.cells.iter().zip(&widths).filter(|(_, w)| **w > 0) {
            line.push_str(&format!("{cell:width$}{:GAP$}", ""));
        }
        let mut lines = wrap(&row.text, width.saturating_sub(margin).max(TEXT_MIN)).into_iter();
        if beside {
            line.push_str(&lines.next().unwrap_or_default());
        }
        writeln!(out, "{}", line.trim_end())?;
        for rest in lines {
            writeln!(out, "{:margin$}{rest}", "")?;
        }
    }
    Ok(())
}

/// The text in lines of at most `width` characters; a longer word gets a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_long_ones_stand_alone() {
        assert_eq!(wrap("a bc defghijk l", 5), ["a bc", "defghijk", "l"]);
        assert!(wrap("", 5).is_empty());
    }

    #[test]
    fn a_table_moves_its_text_under_the_cells_when_narrow() {
        let rows = [
            Row { cells: vec!["a".into(), "string".into()], text: "one two three four five six".into() },
            Row { cells: vec!["long".into(), "x".into()], text: String::new() },
        ];
        let mut out = Vec::new();
        table(&rows, 40, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  a     string  one two three four five\n                six\n  long  x\n"
        );
        let mut out = Vec::new();
        table(&rows, 30, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  a     string\n      one two three four five\n      six\n  long  x\n"
        );
    }
}
