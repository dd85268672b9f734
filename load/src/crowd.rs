//! Many robots, their orders and their notes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use call::id::{CommandId, UserId};
use call::protocol::Command;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::robot::{News, Note, Order, Robot, Temper};

/// Sockets that are opened at one moment: a server's listening queue is not endless.
const OPENING: usize = 256;
/// How long anything may take that has to come about at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Robots that are at work. They end when it is dropped.
pub(crate) struct Crowd {
    addr: SocketAddr,
    temper: Temper,
    opening: Arc<Semaphore>,
    orders: Vec<mpsc::UnboundedSender<Order>>,
    notes: mpsc::UnboundedReceiver<Note>,
    noted: mpsc::UnboundedSender<Note>,
    tasks: JoinSet<()>,
}

impl Crowd {
    /// Nobody yet, around the server at this address.
    pub(crate) fn around(addr: SocketAddr) -> Self {
        let (noted, notes) = mpsc::unbounded_channel();
        Self {
            addr,
            temper: Temper::Patient,
            opening: Arc::new(Semaphore::new(OPENING)),
            orders: Vec::new(),
            notes,
            noted,
            tasks: JoinSet::new(),
        }
    }

    /// Let those who come from now on be of this temper.
    pub(crate) fn with_temper(mut self, temper: Temper) -> Self {
        self.temper = temper;
        self
    }

    /// Let more come, and wait until each of them is welcomed.
    ///
    /// # Errors
    ///
    /// If one of them is not.
    pub(crate) async fn open(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.add(None)?;
        }
        self.wait_for_welcomes(count).await
    }

    /// Let one come for whom the system keeps few bytes.
    ///
    /// # Errors
    ///
    /// If it is not welcomed.
    pub(crate) async fn open_narrow(&mut self, receive_buffer: u32) -> Result<usize> {
        self.add(Some(receive_buffer))?;
        self.wait_for_welcomes(1).await?;
        Ok(self.len() - 1)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.orders.len()
    }

    /// The person of a robot.
    ///
    /// # Errors
    ///
    /// None: a number is a good user id.
    pub(crate) fn user(&self, who: usize) -> Result<UserId> {
        Ok(format!("robot{who}").parse()?)
    }

    /// Give an order to one of them.
    pub(crate) fn order(&self, who: usize, order: Order) {
        if let Some(orders) = self.orders.get(who) {
            // One that has ended has said why.
            let _ = orders.send(order);
        }
    }

    /// A way to give orders to one of them while others are waited for.
    ///
    /// # Errors
    ///
    /// If there is no such robot.
    pub(crate) fn line(&self, who: usize) -> Result<mpsc::UnboundedSender<Order>> {
        self.orders.get(who).cloned().context("there is no such robot")
    }

    /// Let one of them send a command.
    pub(crate) fn say(&self, who: usize, command: Command) {
        self.order(who, Order::Say(command));
    }

    /// The next thing that one of them has to tell; nothing after `deadline`.
    pub(crate) async fn note_until(&mut self, deadline: Instant) -> Option<Note> {
        timeout_at(deadline, self.notes.recv()).await.ok().flatten()
    }

    /// Close every socket as a tab that is closed, and wait for that.
    ///
    /// # Errors
    ///
    /// If one of them does not end.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.orders.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        timeout_at(Instant::now() + PATIENCE, all)
            .await
            .context("a robot does not end")
    }

    fn add(&mut self, receive_buffer: Option<u32>) -> Result<()> {
        let (sender, orders) = mpsc::unbounded_channel();
        let n = self.len();
        let robot = Robot {
            n,
            user: self.user(n)?,
            addr: self.addr,
            receive_buffer,
            temper: self.temper,
            opening: Arc::clone(&self.opening),
            orders,
            notes: self.noted.clone(),
            open_commands: VecDeque::new(),
            next: CommandId(1),
            resume: None,
        };
        self.orders.push(sender);
        self.tasks.spawn(robot.live());
        Ok(())
    }

    async fn wait_for_welcomes(&mut self, count: usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut welcomed = 0;
        while welcomed < count {
            let note = self
                .note_until(deadline)
                .await
                .with_context(|| format!("{} robots have not connected", count - welcomed))?;
            match note.news {
                News::Welcomed(_) => welcomed += 1,
                News::Failed(error) => bail!("robot {} cannot connect: {error}", note.who),
                News::Lost(code) => bail!(
                    "robot {} lost its socket at the start (close code {code:?})",
                    note.who
                ),
                News::Heard(_) => {}
            }
        }
        Ok(())
    }
}
