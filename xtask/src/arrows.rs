//! The rooms of the house depend on one another in one direction only, and what belongs to the server never gets into
//! the browser.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::house::{self, House};

/// Which room may depend on which others.
const ARROWS: [(&str, &[&str]); 10] = [
    ("call", &[]),
    ("phone", &["call"]),
    ("app", &["call"]),
    ("frontend", &["call", "phone", "app"]),
    ("sdk", &["call", "phone"]),
    ("server", &["call", "app"]),
    ("load", &["call"]),
    ("xtask", &[]),
    ("fuzz", &["call", "server"]),
    ("netlab", &[]),
];

/// What must not be among the packages that are compiled for the browser, and for the server.
const NOT_IN_BROWSER: [&str; 4] = ["axum", "leptos_axum", "tokio", "sqlx"];
const NOT_ON_SERVER: [&str; 5] = ["phone", "frontend", "sdk", "load", "console_error_panic_hook"];
/// What other people's pages need not load.
const NOT_IN_SDK: [&str; 6] = ["axum", "leptos", "tokio", "sqlx", "app", "serde_json"];

/// Fail with every arrow that points the wrong way.
pub(crate) fn check(house: &House) -> Result<()> {
    let metadata = house::output(&mut house.cargo("metadata --no-deps --format-version 1"))?;
    let mut wrong = wrong_arrows(&metadata)?;
    let browser = tree(house, "--package frontend --target wasm32-unknown-unknown")?;
    wrong.extend(strangers(&browser, "frontend", &NOT_IN_BROWSER));
    let sdk = tree(house, "--package sdk --target wasm32-unknown-unknown")?;
    wrong.extend(strangers(&sdk, "sdk", &NOT_IN_SDK));
    let server = tree(house, "--package server")?;
    wrong.extend(strangers(&server, "server", &NOT_ON_SERVER));
    if wrong.is_empty() {
        Ok(())
    } else {
        bail!("{}", wrong.join("\n"))
    }
}

/// The packages that are compiled into one, a name a line.
fn tree(house: &House, of: &str) -> Result<String> {
    let flat = ["tree --edges normal --prefix none --format {p}", of].join(" ");
    house::output(&mut house.cargo(&flat))
}

fn wrong_arrows(metadata: &str) -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    let list = |value: &Value, of: &str| value[of].as_array().cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    for package in list(&metadata, "packages") {
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        let Some((_, allowed)) = ARROWS.iter().find(|(room, _)| *room == name) else {
            wrong.push(format!(
                "{name} is not in the list of rooms: add it to xtask/src/arrows.rs"
            ));
            continue;
        };
        for dependency in list(&package, "dependencies") {
            // Tests may look wherever they like.
            let is_room = dependency["path"].is_string() && dependency["kind"].as_str() != Some("dev");
            let other = dependency["name"].as_str().unwrap_or_default();
            if is_room && !allowed.contains(&other) {
                wrong.push(format!("{name} must not depend on {other}"));
            }
        }
    }
    Ok(wrong)
}

fn strangers(tree: &str, room: &str, unwanted: &[&str]) -> Vec<String> {
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let found = unwanted.iter().filter(|name| packages.contains(name));
    found
        .map(|name| format!("{name} is compiled into {room}, where it does not belong"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(name: &str, dependency: &str, kind: &str) -> String {
        format!(
            r#"{{"packages":[{{"name":"{name}","dependencies":[
                {{"name":"{dependency}","kind":{kind},"path":"somewhere"}},
                {{"name":"serde","kind":null}}]}}]}}"#
        )
    }

    #[test]
    fn an_arrow_must_be_in_the_list() {
        assert!(
            wrong_arrows(&metadata("server", "call", "null"))
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            wrong_arrows(&metadata("call", "app", "null")).unwrap(),
            ["call must not depend on app"]
        );
        assert_eq!(
            wrong_arrows(&metadata("app", "phone", "\"build\"")).unwrap(),
            ["app must not depend on phone"]
        );
    }

    #[test]
    fn tests_may_look_anywhere_and_new_rooms_must_be_listed() {
        assert!(
            wrong_arrows(&metadata("xtask", "call", "\"dev\""))
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            wrong_arrows(&metadata("common", "call", "null")).unwrap().len(),
            1
        );
    }

    #[test]
    fn the_servers_packages_are_found_in_the_browsers_tree() {
        let tree = "frontend v0.1.0 (somewhere)\naxum v0.8.6\ntokio-util v0.7.0\n";
        assert_eq!(
            strangers(tree, "frontend", &NOT_IN_BROWSER),
            ["axum is compiled into frontend, where it does not belong"]
        );
    }
}
