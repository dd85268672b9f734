//! The site's static files: scripts, WASM, style and pictures.
//!
//! With the feature `embed` they are in the binary: compressed when it was built, and each under a name with the hash of
//! its content, so that a browser may keep it forever. Without, they are read from the folder that `cargo leptos build`
//! has written, and the browser asks each time.

#[cfg(feature = "embed")]
mod embedded;
#[cfg(not(feature = "embed"))]
mod folder;

use app::assets::Assets;
use axum::Router;

use crate::site::Site;

/// The files, and the names of those that a page needs.
#[derive(Clone, Debug)]
pub struct StaticFiles {
    /// A route for each file.
    pub router: Router<Site>,
    /// Where the three are that every page loads.
    pub assets: Assets,
}

#[cfg(feature = "embed")]
pub use embedded::load;
#[cfg(not(feature = "embed"))]
pub use folder::load;
