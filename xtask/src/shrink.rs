//! WASM and its JavaScript, made small: what counts is the size after brotli.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::house::{self, House};
use crate::wasm::{Export, Import, Module, Segment};

/// What wasm-opt does, in this order. Measured one by one: whatever inlines or folds more than this makes the file smaller
/// and what is sent larger, for brotli then finds less that is alike. Functions of like names are alike, so they are put
/// side by side. How what is loaded and stored is aligned is a hint that no engine needs on the machines of today, and one byte
/// that differs. What is written to a local and read by nobody goes before all that looks for likeness.
const PASSES: [&str; 15] = [
    "--dae-optimizing",
    "--ssa-nomerge",
    "--rse",
    "-O1",
    "--duplicate-function-elimination",
    "--code-folding",
    "--reorder-functions-by-name",
    "--dealign",
    "--remove-unused-brs",
    "--duplicate-function-elimination",
    "--remove-unused-names",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
];

/// What messages of panics are put together from; and the tables of digits, which belong to the code that formats. Short ones stand
/// as they lie beside others that nothing else says, so that nothing of the program's is taken for one.
const MESSAGES: [&str; 36] = [
    "slice index starts at ",
    " but ends at ",
    "range start index ",
    "range end index ",
    " out of range for slice of length ",
    "assertion `left ",
    " right` failed: ",
    " right` failed",
    "\n  left: ",
    "\n right: ",
    "==!=matches",
    ": The JS binding should only ever produce a valid value or the specific 'invalid' value",
    "RefCell already mutably borrowedRefCell ",
    "0x0123456789ABCDEF",
    "insertion index (is ",
    ") should be <= len (is ",
    "removal index (is ",
    ") should be < len (is ",
    "buffer space exhausted; sending this messages would overflow the state",
    "assertion failed: (*tail).value.is_none()",
    "assertion failed: (*next).value.is_some()",
    "assertion failed: slot.is_none()",
    "assertion failed: iter.size_hint().0 >= N",
    "cannot clone `Sender` -- too many outstanding senders",
    "cannot poll Select twice",
    "finish: callbacks should be Some",
    "finish: result should be None",
    "internal error: entered unreachable code",
    "called `Option::unwrap()` on a `None` value",
    "Tried to shrink to a larger capacity",
    "overflow when adding durations",
    "capacity overflow",
    "LazyCell instance has previously been poisoned",
    "`async fn` resumed after completion",
    "already borrowed",
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
     5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899",
];

/// Who uses the code that formats values into texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formatting {
    /// The program.
    Used,
    /// Panics alone, of which nobody is shown a message.
    OfPanics,
}

/// Shrink these two files. A second time it changes nothing.
pub(crate) fn shrink(house: &House, wasm: &Path, js: &Path, formatting: Formatting) -> Result<()> {
    let mut module = Module::read(&read(wasm)?)?;
    if formatting == Formatting::OfPanics {
        let names = module.function_names()?;
        if let Some(name) = names.values().find(|name| formats_for_the_program(name)) {
            anyhow::bail!(
                "something formats a text by {name}: put it together from its pieces, or allow it all to be used"
            );
        }
    }
    module.trap(|name| {
        only_panics(name)
            || is_never_called(name)
            || (formatting == Formatting::OfPanics && without_hashes(name).contains("core::fmt::"))
    })?;
    write(wasm, &module.write())?;
    let mut optimize = house.command("wasm-opt", PASSES);
    house::run(optimize.arg(wasm).arg("-o").arg(wasm))?;

    let mut module = Module::read(&read(wasm)?)?;
    blank_places(&mut module.segments()?);
    if formatting == Formatting::OfPanics {
        blank_messages(&mut module.segments()?);
    }
    let mut imports = module.imports()?;
    let mut script = String::from_utf8(read(js)?)?;
    rename(&mut imports, &mut script)?;
    module.set_imports(&imports);
    let mut exports = module.exports()?;
    rename_exports(&mut exports, &mut script);
    module.set_exports(&exports);
    write(js, script.as_bytes())?;
    write(wasm, &module.write())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Whether a function of this name never returns, because all it does is to panic.
///
/// A panic of the release build ends in a trap, which the browser reports. Before that, it puts together a message that
/// nobody is shown: the standard library has nowhere to print it, and the hook that prints to the console is for development
/// builds. So these functions trap at once, and neither the code that writes messages nor what they say is sent.
fn only_panics(name: &str) -> bool {
    const THESE: [&str; 18] = [
        "__rustc::rust_begin_unwind",
        // How they say it.
        "<std::panicking::panic_handler::FormatStringPayload as core::panic::PanicPayload>::get",
        "<std::panicking::panic_handler::FormatStringPayload as core::panic::PanicPayload>::take_box",
        "<alloc::vec::Vec<_, _>>::insert_mut::assert_failed",
        "<alloc::vec::Vec<_, _>>::remove::assert_failed",
        "alloc::alloc::handle_alloc_error",
        "alloc::raw_vec::capacity_overflow",
        "alloc::raw_vec::handle_error",
        "core::cell::panic_already_borrowed",
        "core::cell::panic_already_mutably_borrowed",
        "core::option::expect_failed",
        "core::option::unwrap_failed",
        "core::result::unwrap_failed",
        "core::slice::copy_from_slice_impl::len_mismatch_fail",
        "core::slice::index::slice_index_fail",
        "core::str::slice_error_fail",
        "core::str::slice_error_fail_rt",
        "std::thread::local::panic_access_error",
    ];
    let name = without_hashes(name);
    name.starts_with("core::panicking::") || THESE.contains(&name.as_str())
}

/// Whether a function is there only where something but a panic is formatted: by `format!`, or by `write!` into a formatter.
fn formats_for_the_program(name: &str) -> bool {
    let name = without_hashes(name);
    name.starts_with("alloc::fmt::format") || name == "<core::fmt::Formatter>::write_fmt"
}

/// Whether a function is there for a feature that is off: Leptos asks whether it is when the program runs.
fn is_never_called(name: &str) -> bool {
    // For the feature `delegation`: one listener for all events of a kind.
    name.contains("::add_event_listener_delegated::")
        || without_hashes(name).ends_with("::add_event_listener_delegated")
}

/// The name of a function as its source says it. Either way of mangling names adds a hash: `core[1a2b]::…` or `…::h1a2b`.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if is_hexadecimal(hash) => plain.push_str(rest),
            _ => plain.extend(["[", part]),
        }
    }
    match plain.rsplit_once("::h") {
        Some((start, hash)) if hash.len() == 16 && is_hexadecimal(hash) => start.to_owned(),
        _ => plain,
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Blank what only messages of panics say, for none is written.
fn blank_messages(segments: &mut [Segment<'_>]) {
    for Segment { bytes, .. } in segments.iter_mut() {
        for message in MESSAGES {
            while let Some(start) = bytes
                .windows(message.len())
                .position(|text| text == message.as_bytes())
            {
                bytes[start..start + message.len()].fill(0);
            }
        }
    }
}

/// Blank the places in the source that messages of panics would name, for no message is written.
///
/// A place (`core::panic::Location`) is four numbers: the address and the length of a file's name, a line and a column.
fn blank_places(segments: &mut [Segment<'_>]) {
    const SIZE: usize = 16;
    let mut blank = Vec::new();
    for Segment { address, bytes } in segments.iter() {
        let unaligned = address.wrapping_neg() % 4;
        for start in (unaligned as usize..(bytes.len() + 1).saturating_sub(SIZE)).step_by(4) {
            let [name, length] = [0, 4].map(|offset| {
                let number = &bytes[start + offset..start + offset + 4];
                number
                    .iter()
                    .rev()
                    .fold(0, |number, byte| number << 8 | u32::from(*byte))
            });
            if text_at(segments, name, length).is_some_and(|text| text.ends_with(b".rs")) {
                blank.push((address + start as u32, SIZE as u32));
                blank.push((name, length));
            }
        }
    }
    for (start, length) in blank {
        for Segment { address, bytes } in segments.iter_mut() {
            if let Some(offset) = start.checked_sub(*address)
                && let Some(bytes) = bytes.get_mut(offset as usize..offset as usize + length as usize)
            {
                bytes.fill(0);
            }
        }
    }
}

/// What the memory has from an address on, if that is in a segment.
fn text_at<'a>(segments: &'a [Segment<'_>], start: u32, length: u32) -> Option<&'a [u8]> {
    segments.iter().find_map(|Segment { address, bytes }| {
        let offset = start.checked_sub(*address)? as usize;
        bytes.get(offset..offset.checked_add(length as usize)?)
    })
}

/// Give short names to what the WASM imports from its JavaScript, and to the module that it imports it from.
///
/// wasm-bindgen makes these names of what they mean and of a hash: two hundred of them in either file.
fn rename(imports: &mut [Import], script: &mut String) -> Result<()> {
    const MODULE: &str = "_";
    let mut modules = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (index, import) in imports
        .iter_mut()
        .filter(|import| import.module != MODULE)
        .enumerate()
    {
        modules.insert(format!("\"{}\"", import.module), format!("\"{MODULE}\""));
        let name = names
            .entry(import.name.clone())
            .or_insert_with(|| short_name(index));
        import.name.clone_from(name);
        import.module = MODULE.into();
    }
    ensure!(
        modules.len() <= 1,
        "the WASM imports from several modules: {modules:?}"
    );
    for (module, short) in modules {
        ensure!(
            script.matches(&module).count() == 1,
            "the JavaScript has to name the module {module} once"
        );
        *script = script.replace(&module, &short);
    }

    let mut renamed = String::with_capacity(script.len());
    for word in words(script) {
        renamed.push_str(names.remove(word).as_deref().unwrap_or(word));
    }
    ensure!(
        names.is_empty(),
        "the JavaScript lacks what the WASM imports: {names:?}"
    );
    *script = renamed;
    Ok(())
}

/// Give short names to what the JavaScript takes from the WASM, and calls by no other name: wasm-bindgen hands out everything as
/// `wasm.NAME`, and calls some of it the same where it is handed on.
fn rename_exports(exports: &mut [Export], script: &mut String) {
    const MEMORY: &str = "memory";
    let mut names = BTreeMap::new();
    for (index, export) in exports.iter_mut().enumerate() {
        let taken = script.matches(&format!("wasm.{}", export.name)).count();
        let said = words(script).filter(|word| *word == export.name).count();
        if export.name != MEMORY && taken == said {
            let name = short_name(index);
            names.insert(core::mem::replace(&mut export.name, name.clone()), name);
        }
    }
    *script = words(script)
        .map(|word| names.get(word).map_or(word, String::as_str))
        .collect();
}

/// A name for each number, of letters alone: `a`, …, `z`, `ba`, …
fn short_name(number: usize) -> String {
    const LETTERS: usize = 26;
    let mut name = match number / LETTERS {
        0 => String::new(),
        more => short_name(more),
    };
    name.push(char::from(b'a' + (number % LETTERS) as u8));
    name
}

/// A script cut into its words and what is between them.
fn words(script: &str) -> impl Iterator<Item = &str> {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    script
        .split_inclusive(move |c| !in_word(c))
        .flat_map(move |piece| {
            let end = piece.trim_end_matches(|c| !in_word(c)).len();
            let (word, between) = piece.split_at(end);
            [word, between]
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::tests::module;

    #[test]
    fn what_only_panics_is_known_under_either_mangling() {
        for name in [
            "core[c5930c85a12de822]::panicking::panic_fmt",
            "core::panicking::panic_display::h6145b2113f15af39",
            "<alloc[3ca501edff3f0c7c]::vec::Vec<_, _>>::remove::assert_failed",
            "__rustc[b7974e8690430dd9]::rust_begin_unwind",
        ] {
            assert!(only_panics(name), "{name}");
        }
        for name in [
            "std[a543996e6e7dbf1e]::panicking::panic_count::is_zero_slow_path",
            "app::scene::tiles::h6145b2113f15af39",
            "<[u8; 4] as core::fmt::Debug>::fmt",
        ] {
            assert!(!only_panics(name), "{name}");
        }
    }

    #[test]
    fn what_the_program_itself_formats_is_known() {
        for name in [
            "alloc[3ca501edff3f0c7c]::fmt::format::format_inner",
            "<core[c5930c85a12de822]::fmt::Formatter>::write_fmt",
        ] {
            assert!(formats_for_the_program(name), "{name}");
        }
        assert!(!formats_for_the_program("core::fmt::write::h6145b2113f15af39"));
    }

    #[test]
    fn what_is_for_a_feature_that_is_off_is_never_called() {
        for name in [
            "tachys::renderer::dom::Dom::add_event_listener_delegated::h19011ed420e98974",
            "tachys::renderer::dom::Dom::add_event_listener_delegated::{{closure}}::h19011ed420e98974",
        ] {
            assert!(is_never_called(name), "{name}");
        }
        assert!(!is_never_called(
            "tachys::renderer::dom::Dom::add_event_listener::h19011ed420e98974"
        ));
    }

    #[test]
    fn a_place_in_the_source_is_blanked_with_the_name_of_its_file() {
        let place = |name: u32, length: u32| [name, length, 7, 5].map(u32::to_le_bytes).concat();
        // From address 16 on: the place, what it names, and two that look alike.
        let text = b"src/a.rs, a text";
        let data = [place(32, 8), text.to_vec(), place(42, 6), place(1000, 8)].concat();
        let mut before = module("log", &data);
        blank_places(&mut before.segments().unwrap());
        let blanked = [&[0; 24][..], b", a text", &data[32..]].concat();
        assert_eq!(before, module("log", &blanked));
    }

    #[test]
    fn what_only_a_panic_would_say_is_blanked() {
        let mut before = module("log", b"range end index 7, capacity overflow, the call is over");
        blank_messages(&mut before.segments().unwrap());
        let blanked = [&[0; 16][..], b"7, ", &[0; 17], b", the call is over"].concat();
        assert_eq!(before, module("log", &blanked));
    }

    #[test]
    fn imports_get_short_names_in_both_files_and_keep_them() {
        let name = "__wbg_get_d7176cfb76d71114";
        let mut imports = module(name, &[]).imports().unwrap();
        let before = "function t(){return{\"./a\":{__wbg_get_d7176cfb76d71114:function(){},__wbg_get:a}}}";
        let mut script = before.to_owned();
        rename(&mut imports, &mut script).unwrap();
        let after = "function t(){return{\"_\":{a:function(){},__wbg_get:a}}}";
        assert_eq!(script, after);
        assert_eq!((imports[0].module.as_str(), imports[0].name.as_str()), ("_", "a"));

        rename(&mut imports, &mut script).unwrap();
        assert_eq!(script, after);
    }

    #[test]
    fn exports_get_short_names_where_they_are_called_by_no_other() {
        let mut exports = module("log", &[]).exports().unwrap();
        let mut script = "export function go(){wasm.first(1);wasm.memory}".to_owned();
        rename_exports(&mut exports, &mut script);
        assert_eq!(script, "export function go(){wasm.a(1);wasm.memory}");
        assert_eq!(exports[0].name, "a");

        let mut exports = module("log", &[]).exports().unwrap();
        let mut script = "export function first(){wasm.first(1)}".to_owned();
        rename_exports(&mut exports, &mut script);
        assert_eq!(script, "export function first(){wasm.first(1)}");
        assert_eq!(exports[0].name, "first");
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let mut imports = module("__wbg_get_d7176cfb76d71114", &[]).imports().unwrap();
        let mut script = "{\"./a\":{__wbg_set_d7176cfb76d71114:function(){}}}".to_owned();
        assert!(rename(&mut imports, &mut script).is_err());
    }

    #[test]
    fn short_names_differ() {
        let names: Vec<_> = (0..2000).map(short_name).collect();
        assert_eq!(names[..2], ["a", "b"]);
        assert_eq!(names[26], "ba");
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
