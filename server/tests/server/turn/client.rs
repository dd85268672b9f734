//! Who uses the relay as a browser does.

use std::net::SocketAddr;
use std::time::Duration;

use server::turn::credentials::Credentials;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, SEND};
use turn_types::stun::attribute::{ErrorCode, Nonce, Realm, Username};
use turn_types::stun::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageType, MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use turn_types::stun::prelude::AttributeWrite;

use crate::common::PATIENCE;
use crate::tls::Made;

/// How long a test waits for something that must not happen.
pub(super) const SILENCE: Duration = Duration::from_millis(300);

enum Socket {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

async fn read_frame(socket: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    socket.read_exact(&mut bytes).await.unwrap();
    let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    let rest = if bytes[0] < 4 {
        length + 16
    } else {
        length.next_multiple_of(4)
    };
    bytes.resize(4 + rest, 0);
    socket.read_exact(&mut bytes[4..]).await.unwrap();
    bytes
}

/// A client of the relay.
pub(super) struct Client {
    socket: Socket,
    username: String,
    password: String,
    pub(super) realm: String,
    pub(super) nonce: String,
}

impl Client {
    pub(super) async fn udp(turn: SocketAddr, credentials: Credentials) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(turn).await.unwrap();
        Self::new(Socket::Udp(socket), credentials)
    }

    pub(super) async fn tcp(turn: SocketAddr, credentials: Credentials) -> Self {
        Self::new(Socket::Tcp(TcpStream::connect(turn).await.unwrap()), credentials)
    }

    pub(super) async fn tls(turn: SocketAddr, made: &Made, credentials: Credentials) -> Self {
        Self::new(Socket::Tls(Box::new(made.connect(turn).await)), credentials)
    }

    fn new(socket: Socket, Credentials { username, password }: Credentials) -> Self {
        Self {
            socket,
            username,
            password,
            realm: String::new(),
            nonce: String::new(),
        }
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        match &self.socket {
            Socket::Udp(socket) => socket.local_addr().unwrap(),
            Socket::Tcp(socket) => socket.local_addr().unwrap(),
            Socket::Tls(socket) => socket.get_ref().0.local_addr().unwrap(),
        }
    }

    pub(super) async fn send_bytes(&mut self, mut bytes: Vec<u8>) {
        match &mut self.socket {
            Socket::Udp(socket) => {
                socket.send(&bytes).await.unwrap();
            }
            Socket::Tcp(socket) => {
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                socket.write_all(&bytes).await.unwrap();
            }
            Socket::Tls(socket) => {
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                socket.write_all(&bytes).await.unwrap();
                socket.flush().await.unwrap();
            }
        }
    }

    /// The next datagram, or frame with what fills it up.
    pub(super) async fn receive_bytes(&mut self) -> Vec<u8> {
        match &mut self.socket {
            Socket::Udp(socket) => {
                let mut buffer = vec![0; 2048];
                let length = socket.recv(&mut buffer).await.unwrap();
                buffer.truncate(length);
                buffer
            }
            Socket::Tcp(socket) => read_frame(socket).await,
            Socket::Tls(socket) => read_frame(socket).await,
        }
    }

    pub(super) async fn hears_nothing(&mut self) -> bool {
        timeout(SILENCE, self.receive_bytes()).await.is_err()
    }

    /// Ask without saying who it is.
    pub(super) async fn ask_anonymously(
        &mut self,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> Vec<u8> {
        let mut request = Message::builder_request(method, MessageWriteVec::new());
        for attribute in attributes {
            request.add_attribute(*attribute).unwrap();
        }
        self.send_bytes(request.finish()).await;
        timeout(PATIENCE, self.receive_bytes()).await.expect("an answer")
    }

    /// Ask, and again with the nonce of the answer. The last answer, whose signature is right if it is a success.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        attributes: impl Fn(TransactionId) -> Vec<Box<dyn AttributeWrite>>,
    ) -> Vec<u8> {
        if self.nonce.is_empty() {
            let answer = self.ask_anonymously(ALLOCATE, &[]).await;
            self.take_nonce(&answer);
        }
        let id = TransactionId::generate();
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut request = Message::builder(kind, id, MessageWriteVec::new());
        for attribute in attributes(id) {
            request.add_attribute(&*attribute).unwrap();
        }
        request
            .add_attribute(&Username::new(&self.username).unwrap())
            .unwrap();
        request.add_attribute(&Realm::new(&self.realm).unwrap()).unwrap();
        request.add_attribute(&Nonce::new(&self.nonce).unwrap()).unwrap();
        let key =
            LongTermKeyCredentials::new(self.username.clone(), self.password.clone(), self.realm.clone());
        let key = MessageIntegrityCredentials::LongTerm(key).make_key(IntegrityAlgorithm::Sha1);
        request
            .add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1)
            .unwrap();
        self.send_bytes(request.finish()).await;
        let answer = timeout(PATIENCE, self.receive_bytes()).await.expect("an answer");
        let message = Message::from_bytes(&answer).unwrap();
        assert_eq!(message.transaction_id(), id);
        if message.has_class(MessageClass::Success) {
            message.validate_integrity_with_key(&key).unwrap();
        }
        answer
    }

    fn take_nonce(&mut self, answer: &[u8]) {
        let answer = Message::from_bytes(answer).unwrap();
        answer
            .attribute::<Nonce>()
            .unwrap()
            .nonce()
            .clone_into(&mut self.nonce);
        answer
            .attribute::<Realm>()
            .unwrap()
            .realm()
            .clone_into(&mut self.realm);
    }

    /// Allocate: the relayed address, or the error code.
    pub(super) async fn allocate(&mut self) -> Result<SocketAddr, u16> {
        let answer = self
            .ask(ALLOCATE, |_| {
                vec![Box::new(RequestedTransport::new(RequestedTransport::UDP))]
            })
            .await;
        let answer = Message::from_bytes(&answer).unwrap();
        match answer.attribute::<ErrorCode>() {
            Ok(error) => Err(error.code()),
            Err(_) => {
                assert_eq!(answer.attribute::<Lifetime>().unwrap().seconds(), 600);
                let relayed = answer.attribute::<XorRelayedAddress>().unwrap();
                Ok(relayed.addr(answer.transaction_id()))
            }
        }
    }

    pub(super) async fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        let answer = self
            .ask(CREATE_PERMISSION, |id| {
                vec![Box::new(XorPeerAddress::new(peer, id))]
            })
            .await;
        code(&answer)
    }

    pub(super) async fn bind(&mut self, channel: u16, peer: SocketAddr) -> Result<(), u16> {
        let answer = self
            .ask(CHANNEL_BIND, |id| {
                vec![
                    Box::new(ChannelNumber::new(channel)),
                    Box::new(XorPeerAddress::new(peer, id)),
                ]
            })
            .await;
        code(&answer)
    }

    pub(super) async fn send(&mut self, peer: SocketAddr, data: &[u8]) {
        let mut send = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, send.transaction_id());
        send.add_attribute(&peer).unwrap();
        send.add_attribute(&Data::new(data)).unwrap();
        self.send_bytes(send.finish()).await;
    }

    pub(super) async fn send_on(&mut self, channel: u16, data: &[u8]) {
        let length = u16::try_from(data.len()).unwrap();
        self.send_bytes([&channel.to_be_bytes()[..], &length.to_be_bytes(), data].concat())
            .await;
    }

    /// From whom, and what.
    pub(super) async fn data(&mut self) -> (SocketAddr, Vec<u8>) {
        let bytes = timeout(PATIENCE, self.receive_bytes()).await.expect("data");
        let indication = Message::from_bytes(&bytes).unwrap();
        assert_eq!(indication.method(), DATA);
        let peer = indication.attribute::<XorPeerAddress>().unwrap();
        let data = indication.attribute::<Data>().unwrap();
        (peer.addr(indication.transaction_id()), data.data().to_vec())
    }

    /// On which channel, and what.
    pub(super) async fn channel_data(&mut self) -> (u16, Vec<u8>) {
        let bytes = timeout(PATIENCE, self.receive_bytes()).await.expect("data");
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        (
            u16::from_be_bytes([bytes[0], bytes[1]]),
            bytes[4..4 + length].to_vec(),
        )
    }
}

pub(super) fn code(answer: &[u8]) -> Result<(), u16> {
    let answer = Message::from_bytes(answer).unwrap();
    match answer.attribute::<ErrorCode>() {
        Ok(error) => Err(error.code()),
        Err(_) => Ok(()),
    }
}
