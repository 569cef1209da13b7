use std::fmt::Write;

use super::*;

fn source(text: impl Into<String>) -> Arc<Source> {
    Arc::new(Source::new("a.yaml", text))
}

fn read(text: &str) -> (Vec<Node>, Vec<Problem>) {
    let (documents, problems) = parse(&source(text), &Limits::default());
    documents.iter().for_each(|node| check_ranges(node, text));
    (documents, problems)
}

/// Every range is within the text and on the borders of characters.
fn check_ranges(node: &Node, text: &str) {
    let slice = |range: TextRange| text.get(range.start as usize..range.end as usize).expect("a valid range");
    slice(node.range);
    node.items().iter().for_each(|item| check_ranges(item, text));
    for (key, value) in node.entries() {
        slice(key.range);
        check_ranges(value, text);
    }
}

/// The documents as compact text; quoted scalars in quotes.
fn shape(text: &str) -> String {
    fn write(node: &Node, out: &mut String) {
        match &node.kind {
            NodeKind::Null => out.push('~'),
            NodeKind::Scalar { text, style: Style::Plain } => out.push_str(text),
            NodeKind::Scalar { text, style: Style::Quoted } => write!(out, "{text:?}").unwrap(),
            NodeKind::Sequence(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    write(item, out);
                }
                out.push(']');
            }
            NodeKind::Mapping(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    write!(out, "{}{}: ", if i == 0 { "" } else { ", " }, key.text).unwrap();
                    write(value, out);
                }
                out.push('}');
            }
        }
    }
    let mut out = String::new();
    for document in read(text).0 {
        write(&document, &mut out);
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// Each problem as `code "marked text" message`.
fn problems(text: &str) -> Vec<String> {
    let marked = |p: &Problem| {
        let span = p.span.as_ref().expect("a span");
        text[span.start..span.end].to_owned()
    };
    read(text).1.iter().map(|p| format!("{} {:?} {}", p.code, marked(p), p.message)).collect()
}

fn codes(text: &str, limits: &Limits) -> Vec<&'static str> {
    parse(&source(text), limits).1.iter().map(|p| p.code).collect()
}

#[test]
fn documents() {
    assert_eq!(shape("a: 1\n---\n- b\n- 'c'\n-\n...\n--- !!str 5\n"), "{a: 1}\n[b, \"c\", ~]\n\"5\"");
    assert_eq!(shape("a: ~\nb: null\nc:\nd: ''\ne: !!str\n"), "{a: ~, b: ~, c: ~, d: \"\", e: \"\"}");
    assert_eq!(shape("a: |\n  x\n  y\nb: >-\n  x\n  y\n\n"), "{a: \"x\\ny\\n\", b: \"x y\"}");
    assert_eq!(shape("1: a\ntrue: b\nnull: c\n'x y': d\n"), "{1: a, true: b, null: c, x y: d}");
    assert_eq!(shape("%YAML 1.2\n---\na: b # c\r\n"), "{a: b}");
}

#[test]
fn ranges() {
    let text = "spec:\n  a: [x, y]\n  b: |\n    text\n\n  # comment\nlast: \"q\"\n";
    let (documents, _) = read(text);
    let slice = |node: &Node| &text[node.range.start as usize..node.range.end as usize];
    let spec = documents[0].get("spec").unwrap();
    assert_eq!(slice(spec), "a: [x, y]\n  b: |\n    text");
    assert_eq!(slice(spec.get("a").unwrap()), "[x, y]");
    assert_eq!(slice(spec.get("b").unwrap()), "text");
    assert_eq!(slice(documents[0].get("last").unwrap()), "\"q\"");
    assert_eq!(slice(&documents[0]), text.trim_end());
}

#[test]
fn empty_documents() {
    for text in ["", "\n", "# c\n# d\n"] {
        let (documents, problems) = read(text);
        assert!(documents.is_empty());
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, "empty-document");
        assert_eq!(problems[0].severity, crate::problem::Severity::Warning);
    }
    let problems = problems("---\n---\na: b\n---\n# c\n");
    assert_eq!(problems, ["empty-document \"---\" this document is empty"; 2]);
    assert_eq!(shape("---\n---\na: b\n---\n# c\n"), "{a: b}");
}

#[test]
fn reading_goes_on_after_a_syntax_error() {
    let text = "a: [1\n---\nb: 1\n---\nc: @x\n---\nd: 1\n";
    assert_eq!(shape(text), "{b: 1}\n{d: 1}");
    assert_eq!(
        problems(text),
        [
            "yaml-syntax \"[\" this `[` is never closed",
            "yaml-syntax \"@\" text without quotes must not begin with `@`"
        ]
    );
}

#[test]
fn duplicate_keys_keep_the_first() {
    assert_eq!(shape("a: 1\nb: 2\na: 3\n\"a\": 4\n"), "{a: 1, b: 2}");
    let (_, problems) = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(problems[0].code, "duplicate-key");
    assert_eq!(problems[0].span.as_ref().unwrap().line_column(), (3, 1));
    assert_eq!(problems[0].related[0].0.line_column(), (1, 1));
    let many: String = (0..40).map(|i| format!("k{}: {i}\n", i % 30)).collect();
    assert_eq!(read(&many).1.len(), 10);
    assert_eq!(read(&many).0[0].entries().len(), 30);
}

#[test]
fn keys_that_are_not_text() {
    assert_eq!(
        problems("? [a]\n: b\n{c: d}: e\n: f\ng: {{ h }}\n"),
        [
            "key-not-text \"[a]\" a list cannot be a key",
            "key-not-text \"{c: d}\" a mapping cannot be a key",
            "key-not-text \"\" a key is missing before `:`",
            "key-not-text \"{ h }\" a mapping cannot be a key",
        ]
    );
}

#[test]
fn aliases_and_merge_keys() {
    assert_eq!(shape("a: &x [1, 2]\nb: *x\n? &k key\n: *k\n"), "{a: [1, 2], b: [1, 2], key: key}");
    assert_eq!(
        shape("- &a { x: 1, y: 2 }\n- &b { x: 3, z: 4 }\n- { <<: [*a, *b], y: 5 }\n- { '<<': 6 }\n"),
        "[{x: 1, y: 2}, {x: 3, z: 4}, {y: 5, x: 1, z: 4}, {<<: 6}]"
    );
    let text = "a: &x { k: v }\nb: *x\n";
    let alias = read(text).0[0].get("b").unwrap().range;
    assert_eq!(&text[alias.start as usize..alias.end as usize], "*x");
    assert_eq!(problems("a: *b\n"), ["yaml-syntax \"*b\" `*b` refers to an anchor that does not exist"]);
    assert_eq!(problems("<<: *b\n").len(), 1);
    assert_eq!(problems("<<: 5\n"), ["wrong-type \"<<\" `<<` merges a mapping or a list of mappings"]);
    assert_eq!(
        problems("a: &x [*x]\n"),
        ["yaml-syntax \"*x\" this alias stands within the value it refers to"]
    );
    // Anchors end with their document.
    assert_eq!(problems("a: &x 1\n---\nb: *x\n").len(), 1);
}

#[test]
fn tags() {
    assert_eq!(problems("a: !Ref b\n"), ["yaml-tag \"!Ref\" the tag `!Ref` has no meaning here"]);
    assert_eq!(shape("a: !!int \"5\"\nb: !!map {}\n"), "{a: 5, b: {}}");
}

#[test]
fn control_characters_are_refused() {
    assert_eq!(
        problems("a: b\0\n"),
        ["yaml-syntax \"\\0\" the control character U+0000 is not allowed in YAML"]
    );
}

#[test]
fn alias_bombs_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..10 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        writeln!(bomb, "a{i}: &a{i} [{items}]").unwrap();
    }
    bomb.push_str("---\nnext: document\n");
    assert_eq!(codes(&bomb, &Limits::default()), ["yaml-limit"]);
    assert_eq!(shape(&bomb), "{next: document}");

    let mut long_text = format!("- &a {}\n", "x".repeat(1 << 20));
    long_text.push_str(&"- *a\n".repeat(10_000));
    assert_eq!(codes(&long_text, &Limits::default()), ["yaml-limit"]);

    // Each alias adds a level.
    let mut ladder = "- &a0 x\n".to_owned();
    (1..100).for_each(|i| writeln!(ladder, "- &a{i} [*a{}]", i - 1).unwrap());
    assert_eq!(codes(&ladder, &Limits::default()), ["yaml-limit"]);
}

#[test]
fn deep_nesting_is_refused() {
    let million = 1_000_000;
    for text in [
        "[".repeat(million),
        "{a: ".repeat(million / 4),
        "- ".repeat(million / 2),
        "? ".repeat(million / 2),
        (0..1000).map(|i| format!("{}a:\n", " ".repeat(i))).collect(),
        // Neither blocks nor flows alone are too deep.
        format!("{}{}{}", "- ".repeat(40), "[".repeat(40), "]".repeat(40)),
    ] {
        assert_eq!(codes(&text, &Limits::default()), ["yaml-limit"], "{}", &text[..40]);
    }
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert_eq!(codes(&deep, &Limits::default()), [""; 0]);
    assert_eq!(codes(&format!("{deep}\n---\n{{{deep}: 1}}"), &Limits::default()), ["yaml-limit"]);
}

#[test]
fn large_files_are_refused_before_they_are_parsed() {
    let (documents, problems) = parse(&source(" ".repeat(50 << 20)), &Limits::default());
    assert!(documents.is_empty());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].message, "the file is too large: 50.0 MiB, the limit is 16.0 MiB");
}

#[test]
fn hostile_files_stay_within_limits() {
    let size = 1 << 18;
    let limits = Limits { bytes_max: size, nodes_max: 25_000, ..Limits::default() };
    let cases: [(String, &[&str]); 8] = [
        (format!("a: {}", "x".repeat(size - 3)), &[]),
        (format!("a: \"{}", "x".repeat(size - 4)), &["yaml-syntax"]),
        (format!("[{}]", "a,".repeat(size / 2 - 1)), &["yaml-limit"]),
        ("- a\n".repeat(size / 4), &["yaml-limit"]),
        ("a: b\n".repeat(size / 5), &["yaml-limit"]),
        ("- &a b\n".repeat(size / 7), &["yaml-limit"]),
        ("\n".repeat(size), &["empty-document"]),
        (":".repeat(size), &["yaml-syntax"]),
    ];
    for (text, expected) in cases {
        assert_eq!(codes(&text, &limits), expected, "{}", &text[..20]);
    }
}

#[test]
fn problems_are_capped() {
    let limits = Limits { problems_max: 10, ..Limits::default() };
    for text in ["---\n".repeat(5000), "---\n]\n".repeat(5000), "a: b\n".repeat(5000), "- *a\n".repeat(5000)]
    {
        let problems = parse(&source(text), &limits).1;
        assert_eq!(problems.len(), 11);
        assert_eq!(problems[10].code, "yaml-limit");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "([-\\[\\]{}:,#&*!|>'\"%@?<~ ab0\n\t.é]|: |- |<<: |---\n|\n  ){0,40}") {
        let (documents, problems) = read(&text);
        proptest::prop_assert!(!documents.is_empty() || !problems.is_empty());
    }
}

#[test]
fn many_small_documents() {
    let text = "a: [b]\n---\n".repeat(99_999) + "a: b\n";
    let (documents, problems) = read(&text);
    assert_eq!((documents.len(), problems.len()), (100_000, 0));
}
