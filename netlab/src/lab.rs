//! A running lab: hosts that send, a router that forwards, and somebody who gives commands.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use tun_rs::SyncDevice;

use crate::command::{self, Change, Command};
use crate::host::Host;
use crate::line::Conditions;
use crate::router::{HostId, Router};

/// What the router is told.
enum Input {
    Packet(HostId, Vec<u8>),
    /// Change something of the router.
    Change(Box<dyn FnOnce(&mut Router) + Send>),
}

/// Start hosts of these names, say `ready` with this id, and carry out what comes in until there is no more or it says `quit`.
pub(crate) fn run(
    names: &[String],
    seed: u64,
    id: &str,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<()> {
    let (router_input, inputs) = mpsc::channel();
    let mut hosts = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let (host, sender) = (HostId(at), router_input.clone());
        // The router ends with the lab alone.
        hosts.push(Host::start(name, host, move |packet| {
            let _ = sender.send(Input::Packet(host, packet));
        })?);
    }
    let router = Router::new(hosts.iter().map(Host::address).collect(), seed);
    let devices = hosts.iter().map(Host::device).collect();
    thread::Builder::new()
        .name("router".to_owned())
        .spawn(move || route(router, devices, &inputs))
        .context("no thread")?;

    let mut control = Control {
        hosts,
        router: router_input,
    };
    writeln!(output, "ready {id}")?;
    for line in input.lines() {
        let line = line.context("the input cannot be read")?;
        if line.trim().is_empty() {
            continue;
        }
        match command::parse(&line, names) {
            Ok(Command::Quit) => break,
            Ok(command) => match control.carry_out(command) {
                Ok(answer) => writeln!(output, "{}", answer.trim_end())?,
                Err(error) => writeln!(output, "error: {error:#}")?,
            },
            Err(misunderstood) => writeln!(output, "error: {misunderstood}")?,
        }
    }
    Ok(())
}

/// The router's thread: packets are moved on when they are due.
fn route(mut router: Router, devices: Vec<Arc<SyncDevice>>, inputs: &Receiver<Input>) {
    /// There is nothing to be done, and so no time to wake up at.
    const LONG: Duration = Duration::from_secs(3_600);
    let start = Instant::now();
    loop {
        let wait = match router.next_due() {
            Some(due) => due.saturating_sub(start.elapsed()),
            None => LONG,
        };
        match inputs.recv_timeout(wait) {
            Ok(Input::Packet(from, packet)) => router.receive(start.elapsed(), from, packet),
            Ok(Input::Change(change)) => change(&mut router),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while let Some((to, packet)) = router.poll_arrival(start.elapsed()) {
            // A device that takes no packet loses it, as networks do.
            let _ = devices[to.0].send(&packet);
        }
    }
}

struct Control {
    hosts: Vec<Host>,
    router: Sender<Input>,
}

impl Control {
    /// Do what a line says. Returns the answer.
    fn carry_out(&mut self, command: Command) -> Result<String> {
        match command {
            Command::Link { host, ways, changes } => self.change(move |router| {
                for way in ways {
                    router.change_link(host, *way, applying(&changes));
                }
            }),
            Command::Path { one, other, changes } => self.change(move |router| {
                for (from, to) in [(one, other), (other, one)] {
                    router.change_path(from, to, applying(&changes));
                }
            }),
            Command::Block(rule) => self.change(move |router| router.block(rule)),
            Command::Unblock => self.change(Router::unblock),
            Command::Move(host) => {
                let address = self.hosts[host.0].move_on()?;
                self.change(move |router| router.set_address(host, address))?;
                Ok(format!("ok {address}"))
            }
            Command::Run { host, command } => {
                let status = self.hosts[host.0].run(&command)?;
                Ok(format!("ok {status}"))
            }
            Command::Quit => Ok(String::new()),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Router) + Send + 'static) -> Result<String> {
        let sent = self.router.send(Input::Change(Box::new(change)));
        sent.map_err(|_| anyhow!("the router has ended"))?;
        Ok("ok".to_owned())
    }
}

fn applying(changes: &[Change]) -> impl FnOnce(&mut Conditions) {
    move |conditions| {
        for change in changes {
            change.apply(conditions);
        }
    }
}
