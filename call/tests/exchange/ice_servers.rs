//! STUN and TURN servers: links use those that were told last.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use call::agent::{Agent, Input, MediaOrder, Output};
use call::id::{CommandId, DeviceId};
use call::protocol::{Event, IceServer, Login, Welcome};
use call::time::Timestamp;

use crate::common::user;

fn servers(password: &str) -> Vec<IceServer> {
    vec![IceServer {
        urls: vec!["turn:turn.example.org".into()],
        username: Some("1800000300:alice".into()),
        credential: Some(password.into()),
    }]
}

/// What is ordered when the switchboard says this.
fn used(agent: &mut Agent, event: Event) -> Option<(Vec<IceServer>, bool)> {
    agent.handle(Timestamp::ZERO, Input::Received(event));
    core::iter::from_fn(|| agent.poll_output()).find_map(|output| match output {
        Output::Media(MediaOrder::UseIceServers {
            ice_servers,
            relay_only,
        }) => Some((ice_servers, relay_only)),
        _ => None,
    })
}

#[test]
fn those_of_the_welcome_are_used_until_they_are_renewed_and_relays_alone_if_it_says_so() {
    for relay_only in [false, true] {
        let mut agent = Agent::new(DeviceId::from_bits(5), Login::Shared, None);
        agent.handle(Timestamp::ZERO, Input::SocketOpened);
        let welcome = Welcome {
            user: user("alice"),
            last_command: CommandId(0),
            ice_servers: servers("first"),
            invitations: Vec::new(),
            call: None,
            group_calls: Vec::new(),
            resume: None,
            gap_free: false,
            relay_only,
        };
        let welcomed = Event::Welcomed(Box::new(welcome));
        assert_eq!(used(&mut agent, welcomed), Some((servers("first"), relay_only)));
        let renewed = Event::IceServersRenewed {
            ice_servers: servers("second"),
        };
        assert_eq!(used(&mut agent, renewed), Some((servers("second"), relay_only)));
    }
}
