//! Versions out of `Cargo.lock`.

/// The version of a package in the text of a `Cargo.lock`.
///
/// Cargo writes the file, a line for each field and the name before the version, so it needs no TOML parser.
pub(crate) fn version_of<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock
        .lines()
        .skip_while(|line| field(line, "name") != Some(package))
        .skip(1);
    lines.next().and_then(|line| field(line, "version"))
}

fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::version_of;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "wasm-bindgen-futures"
version = "0.4.53"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
dependencies = [
 "cfg-if",
]
"#;

    #[test]
    fn finds_the_package_and_not_its_namesakes() {
        assert_eq!(version_of(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_of(LOCK, "wasm-bindgen-futures"), Some("0.4.53"));
        assert_eq!(version_of(LOCK, "wasm"), None);
    }
}
