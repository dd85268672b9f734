//! The front's WASM and its JavaScript, made small: what counts is the size after brotli.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::house::{self, House};

/// What wasm-opt does, in this order. Measured one by one: whatever inlines or folds more than this makes the file smaller
/// and what is sent larger, for brotli then finds less that is alike. Functions of like names are alike, so they are put
/// side by side.
const PASSES: [&str; 7] = [
    "-O1",
    "--dae-optimizing",
    "--duplicate-function-elimination",
    "--code-folding",
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
];

/// Shrink what cargo-leptos has left in `site` of the target folder. A second time it changes nothing.
pub(crate) fn front(house: &House) -> Result<()> {
    let package = house.target().join("site/pkg");
    let (wasm, js) = (package.join("yodel.wasm"), package.join("yodel.js"));
    let mut optimize = house.command("wasm-opt", PASSES);
    house::run(optimize.arg(&wasm).arg("-o").arg(&wasm))?;

    let mut numbers = Numbers::default();
    for file in [&js, &wasm] {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        write(file, &numbers.in_place_of_hashes(bytes))?;
    }
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Gives a number to each of the names that the WASM and its JavaScript know one another's functions by.
///
/// wasm-bindgen ends these names with a hash, 16 hexadecimal digits that no compression makes shorter: two hundred of them
/// in either file. A number of as many digits is as good, since both files are renamed at once and are served under hashed
/// names of their own.
#[derive(Default)]
struct Numbers(BTreeMap<Vec<u8>, usize>);

const PREFIX: &[u8] = b"__wbg_";
const HASH_DIGITS: usize = 16;

impl Numbers {
    fn in_place_of_hashes(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let mut at = 0;
        while let Some(offset) = bytes.get(at..).and_then(|rest| find(rest, PREFIX)) {
            let start = at + offset;
            let end = bytes
                .iter()
                .skip(start)
                .position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))
                .map_or(bytes.len(), |length| start + length);
            if let Some(name) = bytes.get_mut(start..end)
                && ends_with_hash(name)
            {
                let next = self.0.len();
                let number = *self.0.entry(name.to_vec()).or_insert(next);
                let digits = format!("{number:0HASH_DIGITS$}");
                let from = name.len() - HASH_DIGITS;
                name[from..].copy_from_slice(digits.as_bytes());
            }
            at = end;
        }
        bytes
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn ends_with_hash(name: &[u8]) -> bool {
    name.len()
        .checked_sub(HASH_DIGITS + 1)
        .and_then(|underscore| name.get(underscore..))
        .is_some_and(|end| end[0] == b'_' && end[1..].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_become_numbers_that_are_the_same_in_both_files() {
        let mut numbers = Numbers::default();
        let js = b"{__wbg_get_d7176cfb76d71114:a,__wbg_get_0123456789abcdef:b,__wbg_set_wasm:c}".to_vec();
        let js = numbers.in_place_of_hashes(js);
        assert_eq!(
            String::from_utf8(js).unwrap(),
            "{__wbg_get_0000000000000000:a,__wbg_get_0000000000000001:b,__wbg_set_wasm:c}"
        );
        let wasm = b"\x1a__wbg_get_0123456789abcdef\x00\xff__wbg_get_d7176cfb76d71114".to_vec();
        let wasm = numbers.in_place_of_hashes(wasm);
        assert_eq!(
            wasm,
            b"\x1a__wbg_get_0000000000000001\x00\xff__wbg_get_0000000000000000"
        );
    }
}
