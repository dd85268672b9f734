//! What `docs/security.md` and `docs/reliability.md` say is shown by a test is shown by one: each that they name exists, and they
//! leave out nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const SECURITY: &str = include_str!("../../docs/security.md");
const RELIABILITY: &str = include_str!("../../docs/reliability.md");
/// Where a file is that is named without a folder.
const MOST: &str = "server/tests/server";
/// How many requirements each section of OWASP ASVS 5.0 has, of the chapters that the document goes through.
const SECTIONS: [(&str, u32); 27] = [
    ("3.1", 1),
    ("3.2", 3),
    ("3.3", 5),
    ("3.4", 8),
    ("3.5", 8),
    ("3.6", 1),
    ("3.7", 5),
    ("4.4", 4),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 8),
    ("6.4", 6),
    ("6.5", 8),
    ("6.6", 4),
    ("6.7", 2),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 3),
    ("7.6", 2),
    ("17.1", 2),
    ("17.2", 8),
    ("17.3", 2),
    // The rows of the tables before them.
    ("S", 15),
    ("R", 19),
];

/// The texts between backticks.
fn spans() -> impl Iterator<Item = &'static str> {
    let of = |document: &'static str| document.split('`').skip(1).step_by(2);
    of(SECURITY).chain(of(RELIABILITY))
}

fn file(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match name.contains('/') {
        true => root.join(name),
        false => root.join(MOST).join(name),
    }
}

/// Whether this source has a test of this name; or tests whose names begin so and end in what is put in.
fn has_test(source: &str, name: &str) -> bool {
    if source.contains(&format!("test('{name}'")) || source.contains(&format!("test(`{name}${{")) {
        return true;
    }
    let Some(at) = source.find(&format!("fn {name}(")) else {
        return false;
    };
    // The attributes are in the lines above, and nothing but attributes and comments is between.
    let above = source[..at].rfind('\n').map_or("", |end| &source[..end]);
    let mut attributes = above
        .lines()
        .rev()
        .take_while(|line| !line.trim().is_empty() && !line.starts_with('}'));
    attributes.any(|line| line.contains("test"))
}

#[test]
fn every_test_that_is_named_exists() {
    let named: Vec<(&str, &str)> = spans().filter_map(|span| span.split_once('#')).collect();
    assert!(named.len() > 60, "{}", named.len());
    for (name, test) in named {
        let path = file(name);
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(has_test(&source, test), "{name} has no test {test:?}");
    }
}

#[test]
fn every_file_that_is_named_exists() {
    let is_file = |span: &&str| {
        let known = [".rs", ".ts", ".md", ".toml"]
            .into_iter()
            .any(|end| span.ends_with(end));
        known && span.contains('/') && !span.contains(['#', '*', ' '])
    };
    for name in spans().filter(is_file) {
        assert!(file(name).is_file(), "{name}");
    }
}

#[test]
fn every_requirement_has_one_line() {
    let lines = SECURITY.lines().chain(RELIABILITY.lines());
    let rows = lines.filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let mut seen = BTreeSet::new();
    for row in rows {
        assert!(
            !row.starts_with(|first: char| first.is_ascii_digit()) || seen.insert(row),
            "{row} is there twice"
        );
        if row.starts_with(['S', 'R']) {
            seen.insert(row);
        }
    }
    for (section, count) in SECTIONS {
        for number in 1..=count {
            let row = match section {
                "S" | "R" => format!("{section}{number}"),
                section => format!("{section}.{number}"),
            };
            assert!(seen.contains(row.as_str()), "{row} is missing");
        }
    }
}

#[test]
fn a_function_that_is_no_test_is_not_taken_for_one() {
    let source = "#[test]\nfn a_test() {\n}\n\nfn a_helper() {\n}\n\n#[tokio::test]\nasync fn another() {}\n";
    assert!(has_test(source, "a_test") && has_test(source, "another"));
    assert!(!has_test(source, "a_helper") && !has_test(source, "a_tes"));
    assert!(has_test(
        "test('two people talk', async () => {",
        "two people talk"
    ));
    assert!(has_test("test(`by ${way}`, async () => {", "by "));
    assert!(!has_test("test(`by ${way}`, async () => {", "b"));
}
