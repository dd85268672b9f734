//! An authority for one local network: it signs the certificates of one machine, and may sign nothing else.
//!
//! Whoever trusts an authority trusts whatever is signed with its key, and this key lies on a disk. So the certificate of the
//! authority itself says for what it may vouch (RFC 5280, section 4.2.1.10): for private addresses, for the endings that local
//! networks have, and for what this machine was called when it was made. A key that is stolen opens no bank. Every browser keeps
//! to that; Apple's since 2018.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Certificate, CertificateName};
use crate::clock::UnixMillis;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an authority is good. Whoever trusts it does so once, on each device, by hand.
const LIFE: Duration = DAY.saturating_mul(3650);
/// How long a certificate of the server is good, from a day before it was made on. No browser takes more than 398 days of an
/// authority that everybody knows, and some may be as strict with others.
const CERTIFICATE_LIFE: Duration = DAY.saturating_mul(396);
/// Clocks of other devices may be late.
const EARLIER: Duration = DAY;

/// The endings of names in local networks (RFC 6762; RFC 8375; `internal`, which ICANN has set aside; `lan` and `home`, which
/// routers use).
const LOCAL_ENDINGS: [&str; 6] = ["localhost", "local", "home.arpa", "internal", "lan", "home"];
/// Addresses that are nobody's on the internet (RFC 6890), with their prefixes.
const LOCAL_ADDRESSES: [(IpAddr, u8); 9] = [
    (v4(10, 0, 0, 0), 8),
    (v4(172, 16, 0, 0), 12),
    (v4(192, 168, 0, 0), 16),
    (v4(100, 64, 0, 0), 10),
    (v4(169, 254, 0, 0), 16),
    (v4(127, 0, 0, 0), 8),
    (v6(0xfc00, 0), 7),
    (v6(0xfe80, 0), 10),
    (v6(0, 1), 128),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d))
}

const fn v6(first: u16, last: u16) -> IpAddr {
    IpAddr::V6(std::net::Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last))
}

/// Why an authority cannot do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// What was stored of it is not what this program stores.
    #[error("what is stored of the authority is broken")]
    Broken,
    /// A certificate cannot be made.
    #[error("cannot make a certificate")]
    Unmade(#[from] rcgen::Error),
}

/// An authority with its key.
pub struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    verifier: Arc<WebPkiServerVerifier>,
    expires_at: UnixMillis,
}

/// What an authority has signed, in PEM.
#[derive(Clone)]
pub struct Signed {
    /// The certificate.
    pub cert: String,
    /// Its private key.
    pub key: String,
}

impl Authority {
    /// A new one, for a machine of this name. It may vouch for these names and addresses beside those of all local networks.
    pub fn new(machine: &str, names: &[CertificateName], now: UnixMillis) -> Result<Self, AuthorityError> {
        let mut params = params(now, LIFE)?;
        let today = date(now)?.date();
        params.distinguished_name = called(&format!("Yodel authority of {machine} ({today})"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let local = LOCAL_ENDINGS
            .iter()
            .map(|ending| GeneralSubtree::DnsName((*ending).to_owned()));
        let addresses = LOCAL_ADDRESSES
            .iter()
            .map(|(address, prefix)| subnet(*address, *prefix));
        let own = names.iter().map(|name| match name {
            // Whoever may vouch for a name may vouch for all below it.
            CertificateName::Host(name) => GeneralSubtree::DnsName(name.trim_start_matches("*.").to_owned()),
            CertificateName::Address(address @ IpAddr::V4(_)) => subnet(*address, 32),
            CertificateName::Address(address @ IpAddr::V6(_)) => subnet(*address, 128),
        });
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: local.chain(addresses).chain(own).collect(),
            excluded_subtrees: Vec::new(),
        });
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Self::read(&pem, &key.serialize_pem())
    }

    /// One that was stored: its certificate and its key, in PEM.
    pub fn read(pem: &str, key: &str) -> Result<Self, AuthorityError> {
        let broken = |_| AuthorityError::Broken;
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| AuthorityError::Broken)?;
        let key = KeyPair::from_pem(key).map_err(broken)?;
        let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| AuthorityError::Broken)?;
        let expires_at = certificate.validity().not_after.timestamp().saturating_mul(1000);
        let mut roots = RootCertStore::empty();
        roots.add(der.clone()).map_err(|_| AuthorityError::Broken)?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(Self {
            pem: pem.to_owned(),
            issuer: Issuer::from_ca_cert_der(&der, key).map_err(broken)?,
            verifier: verifier.build().map_err(|_| AuthorityError::Broken)?,
            expires_at: UnixMillis::from_millis(expires_at),
            der,
        })
    }

    /// Its certificate, in PEM: what devices are to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its private key, in PEM.
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// The SHA-256 of its certificate, as systems show it.
    pub fn fingerprint(&self) -> String {
        let bytes = Sha256::digest(&self.der);
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// When it is good no more.
    pub const fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    /// Whether browsers that trust it believe what it says of this name. They are asked: a certificate is made, and verified.
    pub fn vouches_for(&self, name: &CertificateName, now: UnixMillis) -> Result<bool, AuthorityError> {
        let signed = self.sign(std::slice::from_ref(name), now)?;
        let der =
            CertificateDer::from_pem_slice(signed.cert.as_bytes()).map_err(|_| AuthorityError::Broken)?;
        Ok(self.verifies(&der, name, now))
    }

    /// Whether it has signed this certificate, which is still good.
    pub(super) fn has_signed(&self, certificate: &Certificate, now: UnixMillis) -> bool {
        let parts = certificate.der().zip(certificate.names().first());
        parts.is_some_and(|(der, name)| self.verifies(der, name, now))
    }

    fn verifies(&self, der: &CertificateDer<'_>, name: &CertificateName, now: UnixMillis) -> bool {
        let Ok(host) = ServerName::try_from(name.to_string().replace('*', "any")) else {
            return false;
        };
        let seconds = u64::try_from(now.as_millis() / 1000).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        self.verifier.verify_server_cert(der, &[], &host, &[], at).is_ok()
    }

    /// A certificate for these names, good from now on for a year and a month, or as long as the authority is.
    pub fn sign(&self, names: &[CertificateName], now: UnixMillis) -> Result<Signed, AuthorityError> {
        let mut params = params(now, CERTIFICATE_LIFE)?;
        params.not_after = params.not_after.min(date(self.expires_at)?);
        let first = names.first().map(CertificateName::to_string).unwrap_or_default();
        params.distinguished_name = called(&first);
        params.subject_alt_names =
            CertificateParams::new(names.iter().map(CertificateName::to_string).collect::<Vec<_>>())?
                .subject_alt_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let cert = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Signed {
            cert,
            key: key.serialize_pem(),
        })
    }
}

fn params(now: UnixMillis, life: Duration) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    params.not_before = date(now.minus(EARLIER))?;
    params.not_after = date(now.plus(life))?;
    Ok(params)
}

fn date(at: UnixMillis) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(at.as_millis() / 1000).map_err(|_| AuthorityError::Broken)
}

/// At most 64 characters (RFC 5280, appendix A.1).
fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::OrganizationName, "Yodel");
    called.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    called
}

fn subnet(address: IpAddr, prefix: u8) -> GeneralSubtree {
    GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_millis(1_790_000_000_000);

    fn names(texts: &[&str]) -> Vec<CertificateName> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn authority() -> Authority {
        Authority::new("nas", &names(&["nas", "*.call.example.org", "203.0.113.7"]), NOW).unwrap()
    }

    #[test]
    fn it_vouches_for_the_local_network_and_for_what_it_was_made_for() {
        let authority = authority();
        for name in [
            "nas",
            "nas.local",
            "tv.lan",
            "a.home.arpa",
            "localhost",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.178.20",
            "127.0.0.1",
            "::1",
            "fd12::5",
            "203.0.113.7",
            "call.example.org",
            "*.call.example.org",
            "x.call.example.org",
        ] {
            assert!(
                authority.vouches_for(&name.parse().unwrap(), NOW).unwrap(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_stolen_key_opens_nothing_else() {
        let authority = authority();
        for name in [
            "bank.example",
            "example.org",
            "evilcall.example.org",
            "notnas",
            "com",
            "*.com",
            "nas.com",
            "1.1.1.1",
            "172.32.0.1",
            "203.0.113.8",
            "2001:db8::1",
        ] {
            assert!(
                !authority.vouches_for(&name.parse().unwrap(), NOW).unwrap(),
                "{name}"
            );
        }
    }

    #[test]
    fn one_that_was_stored_signs_as_the_one_before() {
        let first = authority();
        let again = Authority::read(first.pem(), &first.key_pem()).unwrap();
        assert_eq!(again.fingerprint(), first.fingerprint());
        assert_eq!(again.fingerprint().len(), 32 * 3 - 1);
        let signed = again.sign(&names(&["nas.local"]), NOW).unwrap();
        let der = CertificateDer::from_pem_slice(signed.cert.as_bytes()).unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_millis(1_790_000_000_000));
        let host = ServerName::try_from("nas.local").unwrap();
        assert!(
            first
                .verifier
                .verify_server_cert(&der, &[], &host, &[], at)
                .is_ok()
        );
    }

    #[test]
    fn a_certificate_is_good_for_no_more_than_397_days_and_an_authority_for_ten_years() {
        let authority = authority();
        let signed = authority.sign(&names(&["nas.local"]), NOW).unwrap();
        let der = CertificateDer::from_pem_slice(signed.cert.as_bytes()).unwrap();
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let validity = certificate.validity();
        let days = (validity.not_after.timestamp() - validity.not_before.timestamp()) / (24 * 60 * 60);
        assert_eq!(days, 397);
        assert_eq!(authority.expires_at(), NOW.plus(LIFE));
        let late = NOW.plus(LIFE).minus(DAY);
        let last = authority.sign(&names(&["nas.local"]), late).unwrap();
        let der = CertificateDer::from_pem_slice(last.cert.as_bytes()).unwrap();
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let end = certificate.validity().not_after.timestamp() * 1000;
        assert_eq!(
            end,
            authority.expires_at().as_millis(),
            "not longer than the authority"
        );
    }
}
