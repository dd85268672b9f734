//! What is remembered for a while, and then forgotten.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use call::time::Timestamp;

/// Values by key, each for the same time.
#[derive(Debug)]
pub(super) struct Lately<K, V> {
    keep_for: Duration,
    known: HashMap<K, (Timestamp, V)>,
    /// Every key in the order in which it came. One that came again, or is gone, is in it with an older time.
    order: VecDeque<(Timestamp, K)>,
}

impl<K: Eq + Hash + Clone, V> Lately<K, V> {
    pub(super) fn new(keep_for: Duration) -> Self {
        Self {
            keep_for,
            known: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Remember this, and forget what came too long ago.
    pub(super) fn insert(&mut self, now: Timestamp, key: K, value: V) {
        while let Some((at, key)) = self.order.pop_front_if(|(at, _)| now.since(*at) > self.keep_for) {
            if self.known.get(&key).is_some_and(|(latest, _)| *latest == at) {
                self.known.remove(&key);
            }
        }
        self.order.push_back((now, key.clone()));
        self.known.insert(key, (now, value));
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.known.get(key).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.known.iter().map(|(key, (_, value))| (key, value))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.known.values_mut().map(|(_, value)| value)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.known.remove(key).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_for_its_time_and_no_longer() {
        let at = |seconds: u64| Timestamp::from_millis(1_000 * seconds);
        let mut lately = Lately::new(Duration::from_secs(10));
        lately.insert(at(0), "alice", 1);
        lately.insert(at(1), "bob", 1);
        lately.insert(at(8), "alice", 2);
        lately.insert(at(12), "carol", 1);
        assert_eq!(lately.get(&"alice"), Some(&2), "she came again");
        assert_eq!(lately.get(&"bob"), None);
        assert_eq!(lately.remove(&"carol"), Some(1));
        lately.insert(at(30), "bob", 1);
        assert_eq!((lately.known.len(), lately.order.len()), (1, 1));
    }
}
