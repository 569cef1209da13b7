//! The fewest stars that cover the edges between two sides: where a call takes one thing of one side with many of the other,
//! each star is a call.
//!
//! By König's theorem as many stars are needed as there are edges without a common end; augmenting paths find them.

use std::collections::{BTreeMap, VecDeque};

/// A smallest cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// How many stars there are, which is also how many edges have no end in common.
    pub matched: usize,
    /// Of each edge whether the star around its left end covers it; else the one around its right end does.
    pub by_left: Vec<bool>,
}

/// Covers `edges`, each from a left end to a right end.
#[must_use]
pub fn cover(edges: &[(String, String)]) -> Cover {
    let (left, right) = (numbers(edges.iter().map(|e| &*e.0)), numbers(edges.iter().map(|e| &*e.1)));
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); left.len()];
    for (l, r) in edges {
        next[left[&**l]].push(right[&**r]);
    }
    let mut graph = Graph { next, left: vec![None; left.len()], right: vec![None; right.len()] };
    for start in 0..left.len() {
        graph.augment(start);
    }
    // What can be reached from the left ends without a partner is covered from the right.
    let free = (0..left.len()).filter(|l| graph.left[*l].is_none()).collect();
    let reached = graph.search(free).left;
    Cover {
        matched: graph.left.iter().flatten().count(),
        by_left: edges.iter().map(|(l, _)| !reached[left[&**l]]).collect(),
    }
}

fn numbers<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut numbers = BTreeMap::new();
    for name in names {
        let number = numbers.len();
        numbers.entry(name).or_insert(number);
    }
    numbers
}

struct Graph {
    /// The right ends of each left end.
    next: Vec<Vec<usize>>,
    /// The partners.
    left: Vec<Option<usize>>,
    right: Vec<Option<usize>>,
}

/// What a search came to.
struct Reached {
    left: Vec<bool>,
    /// From which left end each right end was reached.
    from: Vec<Option<usize>>,
    /// A right end without a partner.
    free: Option<usize>,
}

impl Graph {
    /// Goes from left to right by any edge and back to partners, until a right end has none.
    fn search(&self, start: VecDeque<usize>) -> Reached {
        let mut reached =
            Reached { left: vec![false; self.left.len()], from: vec![None; self.right.len()], free: None };
        let mut queue = start;
        queue.iter().for_each(|l| reached.left[*l] = true);
        while let Some(l) = queue.pop_front() {
            for r in &self.next[l] {
                if reached.from[*r].is_some() {
                    continue;
                }
                reached.from[*r] = Some(l);
                match self.right[*r] {
                    None => {
                        reached.free = Some(*r);
                        return reached;
                    }
                    Some(partner) if !reached.left[partner] => {
                        reached.left[partner] = true;
                        queue.push_back(partner);
                    }
                    Some(_) => {}
                }
            }
        }
        reached
    }

    /// Finds a partner for a left end, if need be by giving others new ones.
    fn augment(&mut self, start: usize) {
        let reached = self.search(VecDeque::from([start]));
        let mut free = reached.free;
        while let Some(r) = free {
            let Some(l) = reached.from[r] else { return };
            free = self.left[l].replace(r);
            self.right[r] = Some(l);
            if l == start {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stars that a cover needs.
    fn stars(edges: &[(String, String)], cover: &Cover) -> usize {
        let ends = edges.iter().zip(&cover.by_left).map(|((l, r), by)| (*by, if *by { l } else { r }));
        ends.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// The fewest, by trying all.
    fn fewest(edges: &[(String, String)]) -> usize {
        let choices = (0..1u32 << edges.len()).map(|bits| {
            let by_left = (0..edges.len()).map(|i| bits & (1 << i) != 0).collect();
            stars(edges, &Cover { matched: 0, by_left })
        });
        choices.min().unwrap()
    }

    #[test]
    fn no_cover_is_smaller() {
        let mut seed = 7u64;
        let mut random = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..400 {
            let mut edges: Vec<(String, String)> = Vec::new();
            for _ in 0..random(11) {
                let edge = (format!("p{}", random(4)), format!("a{}", random(5)));
                if !edges.contains(&edge) {
                    edges.push(edge);
                }
            }
            let found = cover(&edges);
            assert_eq!(stars(&edges, &found), found.matched, "{edges:?} {found:?}");
            assert_eq!(found.matched, fewest(&edges), "{edges:?}");
        }
    }

    #[test]
    fn the_better_side_is_taken() {
        let edges = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(l, r)| ((*l).to_owned(), (*r).to_owned())).collect()
        };
        assert_eq!(cover(&edges(&[("p", "a"), ("p", "b"), ("p", "c")])).by_left, [true; 3]);
        assert_eq!(cover(&edges(&[("p", "a"), ("q", "a"), ("r", "a")])).by_left, [false; 3]);
        assert_eq!(cover(&[]), Cover { matched: 0, by_left: Vec::new() });
    }
}
