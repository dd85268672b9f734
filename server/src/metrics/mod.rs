//! What an operator sees: counters, levels and latencies, for Prometheus.
//!
//! They say how much happens and how fast, never to whom: a label is a word of this program, and nothing that came from
//! outside can become one.

mod listener;
mod names;
mod process;
mod signaling;

use std::sync::Arc;
use std::time::Duration;

use call::protocol::{InviteOutcome, Refusal};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use listener::MetricsListener;
pub use names::{ClosedBy, Resumed};
pub use signaling::HubMetrics;

use names::{Kind, Outcome, Reason, Refused};

/// Bounds of the latencies, in seconds: from what nobody notices to what everybody does.
const LATENCIES: [f64; 14] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The figures of a server. They are kept whether or not anybody reads them. A clone is the same figures.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Figures>);

#[derive(Debug)]
struct Figures {
    registry: Registry,
    calls_active: Gauge,
    calls_placed: Counter,
    rings: Counter,
    invitations_ended: Family<Outcome, Counter>,
    sockets_open: Gauge,
    sockets_closed: Family<Reason, Counter>,
    commands_refused: Family<Refused, Counter>,
    resumes: Family<Kind, Counter>,
    command_latency: Histogram,
    commit_latency: Histogram,
    ring_latency: Histogram,
    relay_allocations: Gauge,
    relayed_bytes: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Figures that are all zero.
    pub fn new() -> Self {
        let mut figures = Figures {
            registry: Registry::default(),
            calls_active: Gauge::default(),
            calls_placed: Counter::default(),
            rings: Counter::default(),
            invitations_ended: Family::default(),
            sockets_open: Gauge::default(),
            sockets_closed: Family::default(),
            commands_refused: Family::default(),
            resumes: Family::default(),
            command_latency: Histogram::new(LATENCIES),
            commit_latency: Histogram::new(LATENCIES),
            ring_latency: Histogram::new(LATENCIES),
            relay_allocations: Gauge::default(),
            relayed_bytes: Counter::default(),
        };
        let mut registry = Registry::default();
        figures.register(registry.sub_registry_with_prefix("yodel"));
        process::register(registry.sub_registry_with_prefix("process"));
        figures.registry = registry;
        Self(Arc::new(figures))
    }

    /// All of them, in the OpenMetrics text format, with those of the process as they are at this moment.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match text::encode(&mut text, &self.0.registry) {
            Ok(()) => text,
            // Only a full memory makes writing into a string fail. No figures are better than half of them.
            Err(_) => String::new(),
        }
    }

    /// A socket was opened.
    pub fn socket_opened(&self) {
        self.0.sockets_open.inc();
    }

    /// A socket that was open is no more.
    pub fn socket_gone(&self) {
        self.0.sockets_open.dec();
    }

    /// Why a socket was closed.
    pub fn socket_closed(&self, by: ClosedBy) {
        self.0.sockets_closed.get_or_create(&by.into()).inc();
    }

    /// A command was not carried out.
    pub fn command_refused(&self, refusal: &Refusal) {
        self.0.commands_refused.get_or_create(&refusal.into()).inc();
    }

    /// A device has come back, and was told what it had missed, or all that is.
    pub fn resumed(&self, how: Resumed) {
        self.0.resumes.get_or_create(&how.into()).inc();
    }

    /// Something was written to the database, or could not be; so long has it taken.
    pub fn committed(&self, took: Duration) {
        self.0.commit_latency.observe(took.as_secs_f64());
    }

    /// So many addresses at the relay are held by somebody.
    pub fn relay_allocations(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.0.relay_allocations.set(count);
    }

    /// The relay has handed on so many bytes.
    pub fn relayed(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.relayed_bytes.inc_by(bytes);
    }

    fn invitation_ended(&self, outcome: InviteOutcome) {
        self.0.invitations_ended.get_or_create(&outcome.into()).inc();
    }
}

impl Figures {
    fn register(&self, registry: &mut Registry) {
        let calls = "Calls that are going on: placed, and not over yet";
        registry.register("calls_active", calls, self.calls_active.clone());
        registry.register("calls_placed", "Calls placed", self.calls_placed.clone());
        let rings = "Invitations told to a device of the person who is called";
        registry.register("rings", rings, self.rings.clone());
        let ended = "Invitations that are over, by what has come of them";
        registry.register("invitations_ended", ended, self.invitations_ended.clone());
        registry.register("sockets_open", "Open sockets", self.sockets_open.clone());
        let closed = "Sockets that were closed, by the reason";
        registry.register("sockets_closed", closed, self.sockets_closed.clone());
        let refused = "Commands that were not carried out, by the reason";
        registry.register("commands_refused", refused, self.commands_refused.clone());
        let resumes =
            "Devices that came back, by what they were told: the gap alone, or a snapshot of everything";
        registry.register("resumes", resumes, self.resumes.clone());
        let command =
            "From a command's arrival until everything that it causes is in the queues of those concerned";
        registry.register("command_seconds", command, self.command_latency.clone());
        let commit = "What the database takes to store calls";
        registry.register("commit_seconds", commit, self.commit_latency.clone());
        let ring = "From an invitation's way to the person who is called until a device of theirs says that it rings";
        registry.register("ring_seconds", ring, self.ring_latency.clone());
        let allocations = "Addresses at the relay that somebody holds";
        registry.register("relay_allocations", allocations, self.relay_allocations.clone());
        let relayed = "Bytes that the relay has handed on from one client to another";
        registry.register("relayed_bytes", relayed, self.relayed_bytes.clone());
        registry.register_collector(Box::new(process::StorageErrors));
        registry.register_collector(Box::new(process::Tasks));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_prometheus_reads_them() {
        let metrics = Metrics::new();
        metrics.socket_opened();
        metrics.socket_closed(ClosedBy::Silence);
        metrics.resumed(Resumed::Gap);
        metrics.command_refused(&Refusal::NoSuchCall);
        metrics.invitation_ended(InviteOutcome::TimedOut);
        metrics.committed(Duration::from_millis(3));
        metrics.relay_allocations(2);
        metrics.relayed(1200);
        let text = metrics.text();
        for line in [
            "# TYPE yodel_sockets_open gauge",
            "yodel_sockets_open 1",
            r#"yodel_sockets_closed_total{reason="silence"} 1"#,
            r#"yodel_resumes_total{kind="gap"} 1"#,
            r#"yodel_commands_refused_total{refusal="no-such-call"} 1"#,
            r#"yodel_invitations_ended_total{outcome="timed-out"} 1"#,
            r#"yodel_commit_seconds_bucket{le="0.0025"} 0"#,
            r#"yodel_commit_seconds_bucket{le="0.005"} 1"#,
            "yodel_relay_allocations 2",
            "yodel_relayed_bytes_total 1200",
            "yodel_calls_active 0",
            "yodel_storage_errors_total",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_has_the_names_that_every_dashboard_knows() {
        let text = Metrics::new().text();
        for name in [
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            "process_cpu_seconds_total",
        ] {
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split(' ').nth(1)?.parse::<f64>().ok());
            assert!(value.is_some_and(|value| value > 0.0), "{name}: {text}");
        }
    }
}
