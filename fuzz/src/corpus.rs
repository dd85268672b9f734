//! Inputs that are kept: one a line, with what is not printable escaped as Rust does in byte strings.
//!
//! Lines that begin with `#` say something about the next one.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::Target;

/// Where inputs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Those that together reach whatever was ever reached.
    Corpus,
    /// Those that were faults.
    Findings,
}

impl Shelf {
    /// The file of a target.
    pub fn file(self, target: Target) -> PathBuf {
        let folder = match self {
            Self::Corpus => "corpus",
            Self::Findings => "findings",
        };
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(target.name)
            .with_extension("txt")
    }

    /// The inputs that are kept of a target; none if there is no file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has a line that is no input.
    pub fn read(self, target: Target) -> io::Result<Vec<Vec<u8>>> {
        let text = match fs::read_to_string(self.file(target)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| unescape(line).ok_or_else(|| no_input(line)))
            .collect()
    }

    /// Keep these and no others.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(self, target: Target, inputs: &[Vec<u8>]) -> io::Result<()> {
        let lines = inputs.iter().map(|input| escape(input) + "\n");
        fs::write(self.file(target), lines.collect::<String>())
    }
}

fn no_input(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not an input: {line}"))
}

/// An input as one line. A `#` at its beginning would make it a remark.
pub fn escape(input: &[u8]) -> String {
    let text = input.escape_ascii().to_string();
    match text.strip_prefix('#') {
        Some(rest) => format!("\\x23{rest}"),
        None => text,
    }
}

fn unescape(line: &str) -> Option<Vec<u8>> {
    let mut input = Vec::new();
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        input.push(match byte {
            b'\\' => match bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [bytes.next()?, bytes.next()?];
                    u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
                }
                quoted @ (b'\\' | b'\'' | b'"') => quoted,
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(input)
}
