//! Where the files are that a page needs.

/// The paths of the site's files, with the hashes of their contents in them. The server knows them; the page names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The script that loads the WASM.
    pub script: String,
    /// The WASM.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
}
