//! Few products that cover the edges between two sides and nothing else: where a call takes some things of the one side with
//! some of the other, each with each, every product is a call.
//!
//! Things with the same partners are one thing here; of what is left, each product is a star, and [`cover`] finds the fewest
//! stars. No edge is in two products. In rare cases fewer would do: to find the fewest of all is the biclique partition
//! problem, for which no fast way is known.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::cover;

/// Which product each edge is in, counted from 0, and how many products there are. A product has at most `limit` edges.
#[must_use]
pub fn products(edges: &[(String, String)], limit: usize) -> (Vec<usize>, usize) {
    let (left, right) =
        (classes(edges.iter().map(|(l, r)| (&**l, &**r))), classes(edges.iter().map(|(l, r)| (&**r, &**l))));
    // Between classes all edges are there, or none.
    let mut between: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (l, r) in edges {
        let number = between.len();
        between.entry((left.of[&**l], right.of[&**r])).or_insert(number);
    }
    let mut pairs = vec![(String::new(), String::new()); between.len()];
    for ((l, r), number) in &between {
        pairs[*number] = (l.to_string(), r.to_string());
    }
    let by_left = cover(&pairs).by_left;
    // A star is a class of the one side with the members of several classes of the other, in a fixed order.
    let mut stars: BTreeMap<(bool, usize), Star<'_>> = BTreeMap::new();
    for (l, r) in edges {
        let (l_class, r_class) = (left.of[&**l], right.of[&**r]);
        let by_left = by_left[between[&(l_class, r_class)]];
        let star = stars.entry((by_left, if by_left { l_class } else { r_class })).or_default();
        star.left.insert(l);
        star.right.insert(r);
    }
    let mut count = 0;
    let mut pieces: BTreeMap<(bool, usize), Pieces<'_>> = BTreeMap::new();
    for (key, star) in stars {
        let cut = Pieces::of(&star, limit, count);
        count += cut.count;
        pieces.insert(key, cut);
    }
    let number = |(l, r): &(String, String)| {
        let (l_class, r_class) = (left.of[&**l], right.of[&**r]);
        let by_left = by_left[between[&(l_class, r_class)]];
        pieces[&(by_left, if by_left { l_class } else { r_class })].number(l, r)
    };
    (edges.iter().map(number).collect(), count)
}

/// Members of one side by the set of their partners.
struct Classes<'a> {
    of: BTreeMap<&'a str, usize>,
}

fn classes<'a>(edges: impl Iterator<Item = (&'a str, &'a str)>) -> Classes<'a> {
    let mut partners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (one, other) in edges {
        partners.entry(one).or_default().insert(other);
    }
    let mut numbers: BTreeMap<BTreeSet<&str>, usize> = BTreeMap::new();
    let mut of = BTreeMap::new();
    for (one, set) in partners {
        let number = numbers.len();
        of.insert(one, *numbers.entry(set).or_insert(number));
    }
    Classes { of }
}

#[derive(Default)]
struct Star<'a> {
    left: BTreeSet<&'a str>,
    right: BTreeSet<&'a str>,
}

/// A star cut into pieces that are small enough: so many rows of so many columns.
struct Pieces<'a> {
    left: BTreeMap<&'a str, usize>,
    right: BTreeMap<&'a str, usize>,
    /// How many pieces are beside each other.
    across: usize,
    first: usize,
    count: usize,
}

impl<'a> Pieces<'a> {
    fn of(star: &Star<'a>, limit: usize, first: usize) -> Self {
        let (rows, columns, limit) = (star.left.len(), star.right.len(), limit.max(1));
        let cuts = |height: usize| {
            let width = (limit / height).min(columns).max(1);
            (rows.div_ceil(height), columns.div_ceil(width), height, width)
        };
        let best = (1..=rows.min(limit)).map(cuts).min_by_key(|(down, across, ..)| down * across);
        let (down, across, height, width) = best.unwrap_or((0, 0, 1, 1));
        let places = |side: &BTreeSet<&'a str>, size: usize| {
            side.iter().enumerate().map(|(i, one)| (*one, i / size)).collect()
        };
        Self {
            left: places(&star.left, height),
            right: places(&star.right, width),
            across,
            first,
            count: down * across,
        }
    }

    fn number(&self, left: &str, right: &str) -> usize {
        self.first + self.left[left] * self.across + self.right[right]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(usize, usize)]) -> Vec<(String, String)> {
        pairs.iter().map(|(l, r)| (format!("app{l}"), format!("api{r}"))).collect()
    }

    /// Every product is one, every edge is in it once, and none is too large.
    fn checked(edges: &[(String, String)], limit: usize) -> usize {
        let (numbers, count) = products(edges, limit);
        assert_eq!(numbers.len(), edges.len());
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), count, "{edges:?} {numbers:?}");
        for product in 0..count {
            let of: Vec<_> = edges.iter().zip(&numbers).filter(|(_, n)| **n == product).collect();
            let left: BTreeSet<_> = of.iter().map(|((l, _), _)| l).collect();
            let right: BTreeSet<_> = of.iter().map(|((_, r), _)| r).collect();
            assert_eq!(left.len() * right.len(), of.len(), "{edges:?} {numbers:?}");
            assert!(of.len() <= limit, "{edges:?} {numbers:?}");
        }
        count
    }

    /// The rank of the matrix modulo 2: no partition into products has fewer, because each product has the rank 1.
    fn rank(pairs: &[(usize, usize)]) -> usize {
        let mut rows: BTreeMap<usize, u64> = BTreeMap::new();
        for (l, r) in pairs {
            *rows.entry(*l).or_default() |= 1 << r;
        }
        let mut basis: Vec<u64> = Vec::new();
        for mut row in rows.into_values() {
            for one in &basis {
                row = row.min(row ^ one);
            }
            if row != 0 {
                basis.push(row);
            }
        }
        basis.len()
    }

    #[test]
    fn products_are_products_and_few() {
        let mut seed = 3u64;
        let mut random = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % most
        };
        let (mut least, mut rounds) = (0, 0);
        for _ in 0..1000 {
            let (apps, apis) = (1 + random(4), 1 + random(6));
            let mut pairs: Vec<(usize, usize)> = Vec::new();
            for l in 0..apps {
                pairs.extend((0..apis).filter(|_| random(2) == 0).map(|r| (l, r)));
            }
            let by = |side: fn(&(usize, usize)) -> (usize, usize)| {
                let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
                for (one, other) in pairs.iter().map(side) {
                    sets.entry(one).or_default().insert(other);
                }
                sets.into_values().collect::<BTreeSet<_>>().len()
            };
            let count = checked(&edges(&pairs), usize::MAX);
            // Never more than apps by equal sets of APIs, or APIs by equal sets of apps, make; never fewer than can be.
            assert!(count <= by(|(l, r)| (*l, *r)).min(by(|(l, r)| (*r, *l))), "{pairs:?}");
            assert!(count >= rank(&pairs), "{pairs:?}");
            least += usize::from(count == rank(&pairs));
            rounds += 1;
            checked(&edges(&pairs), 1 + random(5));
        }
        assert!(least * 100 >= rounds * 95, "only {least} of {rounds} are known to be the fewest");
    }

    #[test]
    fn both_sides_are_used_where_each_is_better() {
        // One app with three APIs beside one API with three apps.
        assert_eq!(checked(&edges(&[(0, 0), (0, 1), (0, 2), (1, 3), (2, 3), (3, 3)]), 9), 2);
        let all: Vec<(usize, usize)> = (0..40).flat_map(|l| (0..50).map(move |r| (l, r))).collect();
        assert_eq!(checked(&edges(&all), 2000), 1);
        assert_eq!(checked(&edges(&all), 1000), 2);
        assert_eq!(checked(&edges(&[]), 9), 0);
    }
}
