//! How many sockets one person has.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::id::UserId;
use call::protocol::limits;

/// Counts the sockets of each person of a realm. A clone counts the same ones.
#[derive(Clone, Debug, Default)]
pub struct SocketsOfPeople(Arc<Mutex<HashMap<UserId, u32>>>);

/// A socket that is counted, until this is dropped.
#[derive(Debug)]
pub struct Counted {
    all: SocketsOfPeople,
    user: UserId,
}

impl SocketsOfPeople {
    /// Count another one, unless there are too many.
    pub fn admit(&self, user: &UserId) -> Option<Counted> {
        let mut all = self.lock();
        let open = all.entry(user.clone()).or_default();
        if *open >= limits::SOCKETS_PER_USER {
            return None;
        }
        *open += 1;
        Some(Counted {
            all: self.clone(),
            user: user.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        // Nothing in here panics halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Entry::Occupied(mut open) = self.all.lock().entry(self.user.clone()) {
            *open.get_mut() = open.get().saturating_sub(1);
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_gets_another_when_one_is_closed() {
        let all = SocketsOfPeople::default();
        let [alice, bob] = ["alice", "bob"].map(|id| id.parse::<UserId>().unwrap());
        let mut open: Vec<_> = (0..limits::SOCKETS_PER_USER)
            .map(|_| all.admit(&alice).unwrap())
            .collect();
        assert!(all.admit(&alice).is_none());
        assert!(all.admit(&bob).is_some());
        open.pop();
        let again = all.admit(&alice);
        assert!(again.is_some() && all.admit(&alice).is_none());
        drop((open, again));
        assert!(all.lock().is_empty(), "nothing is remembered of who has none");
    }
}
