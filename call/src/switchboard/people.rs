//! Who is connected, with which devices, what they are doing, and who watches whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Address;
use crate::id::{CallId, CommandId, DeviceId, DisplayName, Person, UserId};

/// What a person is doing. Nobody is in two calls, because there is room for one here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Engagement {
    #[default]
    Free,
    Ringing(CallId),
    InCall(CallId),
}

/// Everybody who has a device, or is being rung without one. People are found by hash: every command looks some up, and that
/// must not take longer the more there are.
#[derive(Debug, Default)]
pub(super) struct People {
    known: HashMap<UserId, Known>,
    watchers: HashMap<UserId, BTreeSet<Address>>,
    newcomer_watchers: BTreeSet<Address>,
}

#[derive(Debug, Default)]
struct Known {
    name: Option<DisplayName>,
    devices: BTreeMap<DeviceId, Device>,
    engagement: Engagement,
    /// Whom they have blocked, once a device has been attached.
    blocks: BTreeSet<UserId>,
}

#[derive(Debug, Default)]
struct Device {
    attached: bool,
    last_command: CommandId,
    watching: Box<[UserId]>,
}

impl People {
    pub(super) fn attach(&mut self, address: &Address, name: DisplayName, blocks: BTreeSet<UserId>) {
        let known = self.known.entry(address.user.clone()).or_default();
        known.name = Some(name);
        known.blocks = blocks;
        known.devices.entry(address.device).or_default().attached = true;
    }

    /// A device that is expected back, and the last of its commands.
    pub(super) fn expect(&mut self, address: &Address, last_command: CommandId) {
        let known = self.known.entry(address.user.clone()).or_default();
        known.devices.entry(address.device).or_default().last_command = last_command;
    }

    /// The device's socket is gone. Returns whether there was one.
    pub(super) fn detach(&mut self, address: &Address) -> bool {
        self.stop_watching(address);
        self.device_mut(address)
            .is_some_and(|device| core::mem::replace(&mut device.attached, false))
    }

    pub(super) fn forget_device(&mut self, address: &Address) {
        self.stop_watching(address);
        if let Some(known) = self.known.get_mut(&address.user) {
            known.devices.remove(&address.device);
        }
    }

    pub(super) fn forget_if_idle(&mut self, user: &UserId) {
        if self
            .known
            .get(user)
            .is_some_and(|k| k.devices.is_empty() && k.engagement == Engagement::Free)
        {
            self.known.remove(user);
        }
    }

    pub(super) fn person(&self, user: &UserId) -> Person {
        let name = self.known.get(user).and_then(|known| known.name.clone());
        Person {
            id: user.clone(),
            name: name.unwrap_or_else(|| DisplayName::of(user)),
        }
    }

    pub(super) fn engagement(&self, user: &UserId) -> Engagement {
        self.known
            .get(user)
            .map_or(Engagement::Free, |known| known.engagement)
    }

    /// This is how a person is called, whether a device of theirs is connected or not.
    pub(super) fn introduce(&mut self, person: &Person) {
        let known = self.known.entry(person.id.clone()).or_default();
        known.name.get_or_insert_with(|| person.name.clone());
    }

    pub(super) fn engage(&mut self, user: &UserId, engagement: Engagement) {
        self.known.entry(user.clone()).or_default().engagement = engagement;
    }

    pub(super) fn release(&mut self, user: &UserId) {
        if let Some(known) = self.known.get_mut(user) {
            known.engagement = Engagement::Free;
        }
    }

    /// Of somebody without a device nothing is kept: whom they have blocked will be told when one is attached.
    pub(super) fn block(&mut self, by: &UserId, whom: &UserId) {
        if let Some(known) = self.known.get_mut(by) {
            known.blocks.insert(whom.clone());
        }
    }

    pub(super) fn unblock(&mut self, by: &UserId, whom: &UserId) {
        if let Some(known) = self.known.get_mut(by) {
            known.blocks.remove(whom);
        }
    }

    /// Whether somebody has blocked somebody else, as far as is known: of people with a device it is.
    pub(super) fn has_blocked(&self, by: &UserId, whom: &UserId) -> bool {
        self.known
            .get(by)
            .is_some_and(|known| known.blocks.contains(whom))
    }

    pub(super) fn is_online(&self, user: &UserId) -> bool {
        self.known
            .get(user)
            .is_some_and(|known| known.devices.values().any(|device| device.attached))
    }

    /// Whether this device is connected, or lost and expected back.
    pub(super) fn knows(&self, address: &Address) -> bool {
        self.device(address).is_some()
    }

    pub(super) fn is_attached(&self, address: &Address) -> bool {
        self.device(address).is_some_and(|device| device.attached)
    }

    /// Every device of a person that is connected, or lost and expected back.
    pub(super) fn devices(&self, user: &UserId) -> Vec<Address> {
        self.devices_that(user, |_| true)
    }

    pub(super) fn attached_devices(&self, user: &UserId) -> Vec<Address> {
        self.devices_that(user, |device| device.attached)
    }

    fn devices_that(&self, user: &UserId, fits: impl Fn(&Device) -> bool) -> Vec<Address> {
        let devices = self.known.get(user).into_iter().flat_map(|known| &known.devices);
        devices
            .filter(|(_, device)| fits(device))
            .map(|(id, _)| Address {
                user: user.clone(),
                device: *id,
            })
            .collect()
    }

    pub(super) fn device_count(&self) -> usize {
        self.known.values().map(|known| known.devices.len()).sum()
    }

    pub(super) fn last_command(&self, address: &Address) -> CommandId {
        self.device(address)
            .map(|device| device.last_command)
            .unwrap_or_default()
    }

    /// Whether this command is new. If so, it counts as carried out from now on.
    pub(super) fn take_command(&mut self, address: &Address, command: CommandId) -> bool {
        match self.device_mut(address) {
            Some(device) if command > device.last_command => {
                device.last_command = command;
                true
            }
            Some(_) | None => false,
        }
    }

    pub(super) fn watch(&mut self, address: &Address, people: Vec<UserId>, newcomers: bool) {
        self.stop_watching(address);
        for user in &people {
            self.watchers
                .entry(user.clone())
                .or_default()
                .insert(address.clone());
        }
        if newcomers {
            self.newcomer_watchers.insert(address.clone());
        }
        if let Some(device) = self.device_mut(address) {
            device.watching = people.into();
        }
    }

    pub(super) fn watchers_of(&self, user: &UserId) -> Vec<Address> {
        self.watchers.get(user).into_iter().flatten().cloned().collect()
    }

    pub(super) fn newcomer_watchers(&self) -> impl Iterator<Item = &Address> {
        self.newcomer_watchers.iter()
    }

    fn stop_watching(&mut self, address: &Address) {
        self.newcomer_watchers.remove(address);
        let watching = self
            .device_mut(address)
            .map(|device| core::mem::take(&mut device.watching));
        for user in watching.into_iter().flatten() {
            if let Some(watchers) = self.watchers.get_mut(&user) {
                watchers.remove(address);
                if watchers.is_empty() {
                    self.watchers.remove(&user);
                }
            }
        }
    }

    fn device(&self, address: &Address) -> Option<&Device> {
        self.known.get(&address.user)?.devices.get(&address.device)
    }

    fn device_mut(&mut self, address: &Address) -> Option<&mut Device> {
        self.known
            .get_mut(&address.user)?
            .devices
            .get_mut(&address.device)
    }
}
