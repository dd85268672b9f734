//! Whether something has to be built again.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A number that changes whenever the name or the content of a file at or below one of these paths does.
pub(crate) fn of(root: &Path, paths: &[&str]) -> Result<u64> {
    let mut files = Vec::new();
    for path in paths {
        collect(&root.join(path), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The files at or below a path. Hidden ones (an editor's) and packages of npm are no inputs of a build.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
            let entry = entry?;
            let name = entry.file_name();
            if !name.to_string_lossy().starts_with('.') && name != "node_modules" {
                collect(&entry.path(), files)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_with_names_and_contents_and_with_nothing_else() {
        let root = std::env::temp_dir().join(format!("yodel-fingerprint-{}", std::process::id()));
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(root.join("a/one"), "1").unwrap();
        let first = of(&root, &["a", "missing"]).unwrap();

        fs::write(root.join("b"), "not asked for").unwrap();
        fs::write(root.join("a/.swp"), "an editor's").unwrap();
        assert_eq!(of(&root, &["a", "missing"]).unwrap(), first);

        fs::write(root.join("a/one"), "2").unwrap();
        let changed = of(&root, &["a", "missing"]).unwrap();
        assert_ne!(changed, first);

        fs::write(root.join("a/one"), "1").unwrap();
        fs::rename(root.join("a/one"), root.join("a/two")).unwrap();
        assert_ne!(of(&root, &["a", "missing"]).unwrap(), first);
        fs::remove_dir_all(root).unwrap();
    }
}
