//! A camera or a microphone between what was asked for and what is.

/// A value that takes time to change, such as a camera that opens.
///
/// The button shows [`intent`](Self::intent); what others are told is [`actual`](Self::actual). A change that fails
/// goes back to the truth.
///
/// ```text
///            request(to)                     settle()
/// Stable(v) ────────────▶ Changing{from,to} ─────────▶ Stable(to)
///     ▲                      │   │    ▲ request(other): to = other, settle() is still awaited for the old order
///     └──────────────────────┘   └────┘
///              revert()
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toggle<T> {
    /// Nothing is under way.
    Stable(T),
    /// An order to go from one value to the other was given and has not been answered.
    Changing {
        /// The value that is still true.
        from: T,
        /// The value that was asked for last.
        to: T,
    },
}

impl<T: Copy + PartialEq> Toggle<T> {
    /// What the person wants: the last value asked for.
    pub fn intent(self) -> T {
        match self {
            Self::Stable(value) => value,
            Self::Changing { to, .. } => to,
        }
    }

    /// What is true.
    pub fn actual(self) -> T {
        match self {
            Self::Stable(value) => value,
            Self::Changing { from, .. } => from,
        }
    }

    /// Whether an order is under way.
    pub fn is_changing(self) -> bool {
        matches!(self, Self::Changing { .. })
    }

    /// Ask for `to`. Returns whether an order must be given now: not if it is so already, nor while another order is
    /// under way (its answer brings the next one, see [`settle`](Self::settle)).
    pub fn request(&mut self, to: T) -> bool {
        match *self {
            Self::Stable(value) if value == to => false,
            Self::Stable(from) => {
                *self = Self::Changing { from, to };
                true
            }
            Self::Changing { from, .. } => {
                *self = Self::Changing { from, to };
                false
            }
        }
    }

    /// The order was carried out: `now` is true. Returns whether another order must be given, because the wish has
    /// changed meanwhile.
    pub fn settle(&mut self, now: T) -> bool {
        match *self {
            Self::Changing { to, .. } if to != now => {
                *self = Self::Changing { from: now, to };
                true
            }
            Self::Stable(_) | Self::Changing { .. } => {
                *self = Self::Stable(now);
                false
            }
        }
    }

    /// The order failed, or the value changed by itself: `now` is true and no wish is left.
    pub fn revert(&mut self, now: T) {
        *self = Self::Stable(now);
    }
}

#[cfg(test)]
mod tests {
    use super::Toggle;

    #[test]
    fn the_latest_wish_wins_and_orders_never_overlap() {
        let mut camera = Toggle::Stable(false);
        assert!(camera.request(true), "the first wish gives an order");
        assert!(!camera.request(false), "the second waits for its answer");
        assert!(!camera.intent());
        assert!(
            camera.settle(true),
            "the answer brings the order for the second wish"
        );
        assert!(!camera.settle(false));
        assert_eq!(camera, Toggle::Stable(false));
    }

    #[test]
    fn a_failure_returns_to_the_truth() {
        let mut camera = Toggle::Stable(false);
        assert!(camera.request(true));
        assert!(camera.intent());
        camera.revert(false);
        assert_eq!(camera, Toggle::Stable(false));
        assert!(!camera.intent());
    }

    #[test]
    fn asking_for_what_is_gives_no_order() {
        let mut microphone = Toggle::Stable(true);
        assert!(!microphone.request(true));
        assert_eq!(microphone, Toggle::Stable(true));
    }
}
