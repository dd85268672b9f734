//! Between the files of this crate, which people can read, and the folders that libFuzzer works with.
//!
//! * `corpus targets` – the names of all targets, a line each, with the longest input of each;
//! * `corpus line <file>` – an input as a line for those files;
//! * `corpus unpack <target> <folder>` – a file for each input that is kept;
//! * `corpus pack <target> <folder>` – keep what is there, smallest first, as far as it fits.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use fuzz::corpus::{Shelf, escape};
use fuzz::{TARGETS, Target};

/// How much is kept of one target, in bytes of input.
const KEPT: usize = 24 * 1024;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["targets"] => {
            for target in TARGETS {
                println!("{} {}", target.name, target.longest);
            }
            Ok(())
        }
        ["line", file] => fs::read(file).map(|input| println!("{}", escape(&input))),
        ["unpack", target, folder] => named(target).and_then(|target| unpack(target, Path::new(folder))),
        ["pack", target, folder] => named(target).and_then(|target| pack(target, Path::new(folder))),
        _ => Err(io::Error::other(
            "usage: corpus targets | line <file> | unpack <target> <folder> | pack <target> <folder>",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn named(name: &str) -> io::Result<Target> {
    Target::named(name).ok_or_else(|| io::Error::other(format!("there is no target `{name}`")))
}

fn unpack(target: Target, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let kept = [Shelf::Corpus, Shelf::Findings].map(|shelf| shelf.read(target));
    for [corpus, findings] in [kept] {
        for (number, input) in corpus?.into_iter().chain(findings?).enumerate() {
            fs::write(folder.join(format!("kept-{number}")), input)?;
        }
    }
    Ok(())
}

fn pack(target: Target, folder: &Path) -> io::Result<()> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder)? {
        inputs.push(fs::read(entry?.path())?);
    }
    inputs.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    inputs.dedup();
    let found = inputs.len();
    let mut room = KEPT;
    inputs.retain(|input| {
        let fits = input.len() <= room;
        room -= if fits { input.len() } else { 0 };
        fits
    });
    Shelf::Corpus.write(target, &inputs)?;
    println!(
        "{}: {} of {found} inputs kept, {} bytes",
        target.name,
        inputs.len(),
        KEPT - room
    );
    Ok(())
}
