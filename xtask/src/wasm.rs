//! A WASM module, as far as one has to know it to make it smaller (WebAssembly Core Specification 2.0, section 5).

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// The sections of a module, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Module(Vec<Section>);

#[derive(Clone, Debug, PartialEq)]
struct Section {
    id: u8,
    content: Vec<u8>,
}

/// Something that a module asks its host for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    /// The name of the host's module that has it.
    pub(crate) module: String,
    pub(crate) name: String,
    /// What it is: the kind, and the type.
    what: Vec<u8>,
}

/// Something that a module shows its host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Export {
    pub(crate) name: String,
    /// What it is: the kind, and the number.
    what: Vec<u8>,
}

/// A part of the memory as it is at first.
pub(crate) struct Segment<'a> {
    /// Where it begins in the memory.
    pub(crate) address: u32,
    pub(crate) bytes: &'a mut [u8],
}

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// The part of the custom section `name` that has the names of functions.
const FUNCTION_NAMES: u8 = 1;

/// The kinds of what is imported.
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// The body of a function that has no variables of its own and does nothing but trap: `unreachable`, `end`.
const TRAP: &[u8] = &[0, 0x00, END];

const I32_CONST: u8 = 0x41;
const END: u8 = 0x0b;

impl Module {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let mut rest = Bytes(bytes.strip_prefix(HEADER).context("this is not a WASM module")?);
        let mut sections = Vec::new();
        while !rest.0.is_empty() {
            sections.push(Section {
                id: rest.byte()?,
                content: rest.counted()?.to_vec(),
            });
        }
        Ok(Self(sections))
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for Section { id, content } in &self.0 {
            bytes.push(*id);
            put_counted(&mut bytes, content);
        }
        bytes
    }

    pub(crate) fn imports(&self) -> Result<Vec<Import>> {
        let Some(section) = self.0.iter().find(|section| section.id == IMPORTS) else {
            return Ok(Vec::new());
        };
        let mut rest = Bytes(&section.content);
        (0..rest.number()?)
            .map(|_| {
                Ok(Import {
                    module: rest.text()?,
                    name: rest.text()?,
                    what: rest.kind_and_type()?,
                })
            })
            .collect()
    }

    /// Put other names into the place of what [`imports`](Self::imports) says.
    pub(crate) fn set_imports(&mut self, imports: &[Import]) {
        let mut content = Vec::new();
        put_number(&mut content, imports.len());
        for Import { module, name, what } in imports {
            put_counted(&mut content, module.as_bytes());
            put_counted(&mut content, name.as_bytes());
            content.extend(what);
        }
        self.set_content(IMPORTS, &content);
    }

    pub(crate) fn exports(&self) -> Result<Vec<Export>> {
        let Some(section) = self.0.iter().find(|section| section.id == EXPORTS) else {
            return Ok(Vec::new());
        };
        let mut rest = Bytes(&section.content);
        (0..rest.number()?)
            .map(|_| {
                let name = rest.text()?;
                let mut what = vec![rest.byte()?];
                put_number(&mut what, rest.number()?);
                Ok(Export { name, what })
            })
            .collect()
    }

    /// Put other names into the place of what [`exports`](Self::exports) says.
    pub(crate) fn set_exports(&mut self, exports: &[Export]) {
        let mut content = Vec::new();
        put_number(&mut content, exports.len());
        for Export { name, what } in exports {
            put_counted(&mut content, name.as_bytes());
            content.extend(what);
        }
        self.set_content(EXPORTS, &content);
    }

    fn set_content(&mut self, id: u8, content: &[u8]) {
        for section in self.0.iter_mut().filter(|section| section.id == id) {
            section.content = content.to_vec();
        }
    }

    /// Let the functions of these names trap, whatever they did. A module without names stays as it is.
    pub(crate) fn trap(&mut self, chosen: impl Fn(&str) -> bool) -> Result<()> {
        let names = self.function_names()?;
        // Functions are numbered from the imported ones on.
        let imports = self.imports()?;
        let first = imports
            .iter()
            .filter(|import| import.what.first() == Some(&FUNCTION));
        let first = first.count();
        for section in &mut self.0 {
            if section.id == CODE {
                let mut rest = Bytes(&section.content);
                let mut content = Vec::with_capacity(section.content.len());
                let count = rest.number()?;
                put_number(&mut content, count);
                for index in first..first + count {
                    let body = rest.counted()?;
                    let traps = names.get(&index).is_some_and(|name| chosen(name));
                    put_counted(&mut content, if traps { TRAP } else { body });
                }
                section.content = content;
            }
        }
        Ok(())
    }

    /// The names of functions by their numbers.
    pub(crate) fn function_names(&self) -> Result<BTreeMap<usize, String>> {
        let mut names = BTreeMap::new();
        for section in self.0.iter().filter(|section| section.id == CUSTOM) {
            let mut rest = Bytes(&section.content);
            if rest.text()? != "name" {
                continue;
            }
            while !rest.0.is_empty() {
                let part = rest.byte()?;
                let mut entries = Bytes(rest.counted()?);
                if part == FUNCTION_NAMES {
                    for _ in 0..entries.number()? {
                        names.insert(entries.number()?, entries.text()?);
                    }
                }
            }
        }
        Ok(names)
    }

    /// What the memory holds at first.
    pub(crate) fn segments(&mut self) -> Result<Vec<Segment<'_>>> {
        let mut segments = Vec::new();
        for section in &mut self.0 {
            if section.id == DATA {
                let mut rest = Bytes(&section.content);
                let count = rest.number()?;
                let read = section.content.len() - rest.0.len();
                let mut rest = &mut section.content[read..];
                for _ in 0..count {
                    let mut head = Bytes(rest);
                    let (0, I32_CONST) = (head.number()?, head.byte()?) else {
                        bail!("a segment of the data has no fixed address");
                    };
                    let address = head.number()?;
                    let (END, length) = (head.byte()?, head.number()?) else {
                        bail!("the address of a segment of the data is computed");
                    };
                    let read = rest.len() - head.0.len();
                    let (_, tail) = rest.split_at_mut(read);
                    let (bytes, tail) = tail.split_at_mut_checked(length).context(CUT_OFF)?;
                    let address = u32::try_from(address)?;
                    segments.push(Segment { address, bytes });
                    rest = tail;
                }
            }
        }
        Ok(segments)
    }
}

const CUT_OFF: &str = "this WASM module is cut off";

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().context(CUT_OFF)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context(CUT_OFF)?;
        self.0 = rest;
        Ok(taken)
    }

    /// LEB128. (Of signed numbers none is negative here, and these are written in the same way.)
    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number of this WASM module has more than 32 bits")
    }

    fn counted(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<String> {
        Ok(String::from_utf8(self.counted()?.to_vec())?)
    }

    /// What an import is.
    fn kind_and_type(&mut self) -> Result<Vec<u8>> {
        let start = self.0;
        match self.byte()? {
            FUNCTION => _ = self.number()?,
            TABLE => {
                self.byte()?;
                self.limits()?;
            }
            MEMORY => self.limits()?,
            GLOBAL => _ = self.take(2)?,
            kind => bail!("this WASM module imports something unknown, of the kind {kind}"),
        }
        Ok(start[..start.len() - self.0.len()].to_vec())
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn put_counted(bytes: &mut Vec<u8>, content: &[u8]) {
    put_number(bytes, content.len());
    bytes.extend(content);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A module that imports a function, has two of its own, named `one` and `two`, of which it exports the first, and 8 bytes of
    /// data from address 16 on.
    pub(crate) fn module(import: &str, data: &[u8]) -> Module {
        let section = |id, parts: &[&[u8]]| Section {
            id,
            content: parts.concat(),
        };
        let mut imported = vec![1, 3];
        imported.extend(b"./a");
        put_counted(&mut imported, import.as_bytes());
        imported.extend([FUNCTION, 0]);
        let mut segment = vec![1, 0, I32_CONST, 16, END];
        put_counted(&mut segment, data);
        Module(vec![
            section(1, &[&[1, 0x60, 0, 0]]),
            section(IMPORTS, &[&imported]),
            section(3, &[&[2, 0, 0]]),
            section(EXPORTS, &[b"\x01\x05first", &[FUNCTION, 1]]),
            section(CODE, &[&[2, 4, 0, 0x10, 0, END, 3, 0, 0x01, END]]),
            section(DATA, &[&segment]),
            section(
                CUSTOM,
                &[b"\x04name", &[FUNCTION_NAMES, 11, 2], b"\x01\x03one\x02\x03two"],
            ),
        ])
    }

    #[test]
    fn a_module_is_written_as_it_was_read() {
        let module = module("log", &[7; 200]);
        assert_eq!(Module::read(&module.write()).unwrap(), module);
        assert!(Module::read(b"\0asm\x02\0\0\0").is_err());
        let bytes = module.write();
        assert!(Module::read(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_function_of_a_chosen_name_traps_and_the_others_stay() {
        let mut module = module("log", &[]);
        module.trap(|name| name == "one").unwrap();
        assert_eq!(module.0[4].content, [2, 3, 0, 0x00, END, 3, 0, 0x01, END]);
    }

    #[test]
    fn an_import_gets_another_name() {
        let mut before = module("log", &[]);
        let mut imports = before.imports().unwrap();
        assert_eq!(
            (imports[0].module.as_str(), imports[0].name.as_str()),
            ("./a", "log")
        );
        imports[0].name = "a".into();
        before.set_imports(&imports);
        assert_eq!(before, module("a", &[]));
    }

    #[test]
    fn an_export_gets_another_name() {
        let mut module = module("log", &[]);
        let mut exports = module.exports().unwrap();
        assert_eq!(exports[0].name, "first");
        exports[0].name = "a".into();
        module.set_exports(&exports);
        assert_eq!(module.0[3].content, [1, 1, b'a', FUNCTION, 1]);
    }

    #[test]
    fn segments_are_at_their_addresses() {
        let mut module = module("log", b"data");
        let segments = module.segments().unwrap();
        assert_eq!(segments.len(), 1);
        assert_eq!((segments[0].address, &*segments[0].bytes), (16, &b"data"[..]));
    }
}
