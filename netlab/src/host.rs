//! One host: a network namespace with a TUN device as its only way out.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use nix::sched::{CloneFlags, setns, unshare};
use tun_rs::{DeviceBuilder, SyncDevice};

use crate::netlink;
use crate::router::HostId;

/// What the device is called. A browser takes what is called `tun` for a VPN, and uses it last.
const DEVICE: &str = "eth0";
/// All addresses of a lab are in 10.0.0.0/8.
const NETWORK_BITS: u8 = 8;

/// How long a host is in no network while it moves.
const WITHOUT_ADDRESS: Duration = Duration::from_millis(300);

/// A host that is up.
pub(crate) struct Host {
    id: HostId,
    namespace: File,
    device: Arc<SyncDevice>,
    address: Ipv4Addr,
}

impl Host {
    /// Make the namespace and the device, and read from it in a thread that bears the host's name, and by which the namespace
    /// is found. `sent` is called with every packet.
    pub(crate) fn start(name: &str, id: HostId, sent: impl Fn(Vec<u8>) + Send + 'static) -> Result<Self> {
        let (ready, started) = std::sync::mpsc::channel();
        let address = address(id, 1)?;
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || live(address, &ready, sent))
            .context("no thread")?;
        let (namespace, device) = started
            .recv()
            .map_err(|_| anyhow!("the thread of {name} has ended"))?
            .with_context(|| format!("{name} cannot be connected"))?;
        Ok(Self {
            id,
            namespace,
            device,
            address,
        })
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    pub(crate) fn device(&self) -> Arc<SyncDevice> {
        Arc::clone(&self.device)
    }

    /// The host gets the next address in place of the one that it has, which is gone before the new one is there: so it is when
    /// a phone leaves one network and enters another. For so long that a browser notices: if it is a matter of a millisecond,
    /// Chromium sometimes does, and sometimes does not.
    pub(crate) fn move_on(&mut self) -> Result<Ipv4Addr> {
        let old = self.address;
        let new = address(
            self.id,
            old.octets()[3]
                .checked_add(1)
                .context("there are no more addresses")?,
        )?;
        self.inside(|| {
            netlink::delete_address(DEVICE, old, NETWORK_BITS).context("the old address stays")?;
            thread::sleep(WITHOUT_ADDRESS);
            netlink::add_address(DEVICE, new, NETWORK_BITS).context("the new address is refused")?;
            // It went with the address that it was reached from.
            netlink::add_default_route(DEVICE).or_else(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error).context("no default route"),
            })
        })?;
        self.address = new;
        Ok(new)
    }

    /// Run a program on this host until it ends. It writes to the standard error of the lab, whose output is for answers.
    pub(crate) fn run(&self, command: &[String]) -> Result<ExitStatus> {
        let (program, arguments) = command.split_first().context("no program is named")?;
        self.inside(|| {
            Command::new(program)
                .args(arguments)
                .stdin(std::process::Stdio::null())
                .stdout(std::io::stderr())
                .status()
                .with_context(|| format!("{program} cannot be started"))
        })
    }

    /// Do something in the namespace of this host. A namespace is a thread's own, so a thread goes there.
    fn inside<T: Send>(&self, act: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        thread::scope(|scope| {
            let there = scope.spawn(|| {
                setns(&self.namespace, CloneFlags::CLONE_NEWNET)
                    .context("the namespace cannot be entered")?;
                act()
            });
            there.join().map_err(|_| anyhow!("the thread has panicked"))?
        })
    }
}

/// `10.77.HOST.NUMBER`: every host is in a network of its own, as far as anybody can tell.
fn address(id: HostId, number: u8) -> Result<Ipv4Addr> {
    let network = u8::try_from(id.0 + 1).context("there are too many hosts: 255 is the most")?;
    Ok(Ipv4Addr::new(10, 77, network, number))
}

/// The thread of a host.
fn live(address: Ipv4Addr, ready: &Sender<Result<(File, Arc<SyncDevice>)>>, sent: impl Fn(Vec<u8>)) {
    let device = match connect(address) {
        Ok((namespace, device)) => {
            if ready.send(Ok((namespace, Arc::clone(&device)))).is_err() {
                return;
            }
            device
        }
        Err(error) => {
            // Nobody waits any more if the lab is at its end.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let mut buffer = vec![0; 65_536];
    // It fails when the device is gone, and so is the lab.
    while let Ok(length) = device.recv(&mut buffer) {
        sent(buffer[..length].to_vec());
    }
}

/// Give the calling thread a namespace of its own, with a device.
fn connect(address: Ipv4Addr) -> Result<(File, Arc<SyncDevice>)> {
    unshare(CloneFlags::CLONE_NEWNET).context("a network namespace is refused")?;
    let namespace = File::open("/proc/thread-self/ns/net").context("the namespace cannot be opened")?;
    // The router knows IPv4 alone. Where this fails there is no IPv6 to begin with.
    let _ = fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    let device = DeviceBuilder::new()
        .name(DEVICE)
        .build_sync()
        .context("/dev/net/tun is missing or refused")?;
    netlink::set_up(netlink::LOOPBACK).context("the loopback interface")?;
    netlink::set_up(DEVICE).context("the device does not start")?;
    netlink::add_address(DEVICE, address, NETWORK_BITS).context("the address is refused")?;
    netlink::add_default_route(DEVICE).context("no default route")?;
    Ok((namespace, Arc::new(device)))
}
