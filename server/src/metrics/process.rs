//! What the operating system says of this process, under the names that every Prometheus client uses; and what is counted
//! for the whole process.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use tokio::runtime::Handle;

use crate::clock::UnixMillis;
use crate::storage;

/// How often the storage could not do what it was asked for.
#[derive(Debug)]
pub(super) struct StorageErrors;

impl Collector for StorageErrors {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "What the database was asked for and could not do";
        write(
            &mut encoder,
            "storage_errors",
            help,
            &ConstCounter::new(storage::errors()),
        )
    }
}

/// How many tasks there are.
#[derive(Debug)]
pub(super) struct Tasks;

impl Collector for Tasks {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Where there is no runtime, there are none.
        let count = Handle::try_current().map_or(0, |runtime| runtime.metrics().num_alive_tasks());
        let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
        write(&mut encoder, "tasks", "Tasks that have not ended", &gauge)
    }
}

/// Add the figures of the process. The registry has `process` as its prefix.
pub(super) fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(Process {
        started_at: UnixMillis::now(),
    }));
}

#[derive(Debug)]
struct Process {
    started_at: UnixMillis,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let started_at = ConstGauge::new(self.started_at.as_millis() / 1000);
        let help = "When the server started, in seconds since 1970";
        write(&mut encoder, "start_time_seconds", help, &started_at)?;
        #[cfg(target_os = "linux")]
        linux::encode(&mut encoder)?;
        Ok(())
    }
}

fn write(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &dyn EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

/// Other systems have ways of their own, and their operators tools of their own.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use rustix::process::{Resource, getrlimit};
    use rustix::time::{ClockId, clock_gettime};

    use super::{ConstCounter, ConstGauge, DescriptorEncoder, fmt, write};

    pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = ConstCounter::new(used.tv_sec as f64 + used.tv_nsec as f64 / 1e9);
        write(encoder, "cpu_seconds", "Processor time that was used", &cpu)?;
        if let Some(bytes) = resident_bytes() {
            let help = "Memory that is held";
            write(encoder, "resident_memory_bytes", help, &ConstGauge::new(bytes))?;
        }
        if let Some(count) = open_files() {
            write(
                encoder,
                "open_fds",
                "Open files and sockets",
                &ConstGauge::new(count),
            )?;
        }
        // Without a limit there is nothing to be said.
        if let Some(limit) = getrlimit(Resource::Nofile).current {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let help = "Files and sockets that may be open";
            write(encoder, "max_fds", help, &ConstGauge::new(limit))?;
        }
        Ok(())
    }

    /// `VmRSS`, see proc_pid_status(5).
    fn resident_bytes() -> Option<i64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Without the one by which they are counted.
    fn open_files() -> Option<i64> {
        let listed = fs::read_dir("/proc/self/fd").ok()?.count();
        i64::try_from(listed.saturating_sub(1)).ok()
    }
}
