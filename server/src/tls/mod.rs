//! TLS in the binary itself: for HTTPS, and for TURN behind firewalls that let nothing else out.
//!
//! A [`certificate`] is read from [`files`], shown to whoever connects by a [`showcase`], and a [`keeper`] looks after it while the
//! server runs: when the files change, new connections are shown the new certificate, and open ones go on. The files are
//! somebody's who keeps them, or those of [`lan`]: this machine's own [`authority`], for networks without public names.
//!
//! TLS is `rustls`, certificates are written by `rcgen` and read by `x509_parser`; nothing of either is done here.

pub mod authority;
mod certificate;
mod files;
mod keeper;
pub mod lan;
pub mod machine;
mod name;
pub mod print;
mod showcase;

pub use certificate::{Certificate, CertificateError};
pub use files::CertificateFiles;
pub use keeper::{Keeper, OpenTlsError};
pub use name::CertificateName;
pub use showcase::{NoTls, Showcase};
