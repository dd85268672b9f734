//! Static files: the site's scripts, WASM, style and pictures, and the SDK's.
//!
//! With the feature `embed` they are in the binary: compressed when it was built, and each under a name with the hash of
//! its content, so that a browser may keep it forever. Without, they are read from the folders that `cargo leptos build`
//! and `cargo xtask sdk` have written, and the browser asks each time. The [`sdk`]'s have one name each, which pages of
//! other sites hold on to, so for them it always asks.

#[cfg(feature = "embed")]
mod embedded;
#[cfg(not(feature = "embed"))]
pub mod folder;
pub mod sdk;

use app::assets::Assets;
use axum::Router;

use crate::site::Site;

/// The files, and the names of those that a page needs.
#[derive(Clone, Debug)]
pub struct StaticFiles {
    /// A route for each file of the site.
    pub router: Router<Site>,
    /// A route for each file of the SDK, to be nested.
    pub sdk: Router<Site>,
    /// Where the three are that every page loads.
    pub assets: Assets,
}

#[cfg(feature = "embed")]
pub use embedded::load;
#[cfg(not(feature = "embed"))]
pub use folder::load;
