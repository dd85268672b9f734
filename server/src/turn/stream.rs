//! TURN over a stream (RFC 8656, section 3.1): frames out of bytes, and bytes out of frames.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::limits;

/// How long a connection may take until it is open.
const OPEN_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may take over taking a frame.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// What a stream tells the relay.
#[derive(Debug)]
pub(super) enum FromStream {
    Opened {
        stream: u64,
        addr: SocketAddr,
        /// What goes out. The stream is closed when this is dropped.
        outgoing: mpsc::Sender<Vec<u8>>,
    },
    Received {
        stream: u64,
        frame: Vec<u8>,
    },
    Closed {
        stream: u64,
    },
}

/// Serve a connection until either side closes it. The relay is told of it before it is open.
pub(super) async fn serve<S>(
    open: impl Future<Output = io::Result<S>>,
    stream: u64,
    addr: SocketAddr,
    relay: mpsc::Sender<FromStream>,
) where
    S: AsyncRead + AsyncWrite + Send,
{
    let (outgoing, mut queue) = mpsc::channel::<Vec<u8>>(limits::STREAM_QUEUE);
    let opened = FromStream::Opened {
        stream,
        addr,
        outgoing,
    };
    if relay.send(opened).await.is_err() {
        return;
    }
    // The relay has nothing to say to who has not said anything: it closes the stream, or the queue is silent.
    let connection = tokio::select! {
        opened = timeout(OPEN_PATIENCE, open) => opened.ok().and_then(Result::ok),
        _ = queue.recv() => None,
    };
    if let Some(connection) = connection {
        relay_between(connection, stream, queue, &relay).await;
    }
    // If the relay has stopped, there is nobody left to tell.
    let _ = relay.send(FromStream::Closed { stream }).await;
}

async fn relay_between<S>(
    connection: S,
    stream: u64,
    mut queue: mpsc::Receiver<Vec<u8>>,
    relay: &mpsc::Sender<FromStream>,
) where
    S: AsyncRead + AsyncWrite + Send,
{
    let (mut reading, mut writing) = tokio::io::split(connection);
    let read_all = async {
        while let Ok(frame) = read_frame(&mut reading).await {
            if relay.send(FromStream::Received { stream, frame }).await.is_err() {
                break;
            }
        }
    };
    let write_all = async {
        while let Some(mut frame) = queue.recv().await {
            // On a stream every frame is as long as a multiple of four (RFC 8656, section 12.5).
            frame.resize(frame.len().next_multiple_of(4), 0);
            if !matches!(
                timeout(WRITE_PATIENCE, write(&mut writing, &frame)).await,
                Ok(Ok(()))
            ) {
                break;
            }
        }
    };
    tokio::select! {
        () = read_all => {}
        () = write_all => {}
    }
}

/// TLS may hold back what it was given until it is told to let it out.
async fn write(writing: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    writing.write_all(frame).await?;
    writing.flush().await
}

/// The next message, or the next frame of a channel without what fills it up.
async fn read_frame(reading: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = [0; 4];
    reading.read_exact(&mut head).await?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (whole, filled) = match head[0] >> 6 {
        0 => (length + 20, length + 20),
        1 => (length + 4, (length + 4).next_multiple_of(4)),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    if filled > limits::FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; filled];
    let (start, rest) = frame.split_at_mut(head.len());
    start.copy_from_slice(&head);
    reading.read_exact(rest).await?;
    frame.truncate(whole);
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_are_told_apart_and_what_fills_them_up_is_left_out() {
        let message = [&[0, 1, 0, 4][..], &[7; 20]].concat();
        let frame = [0x40, 0, 0, 5, 1, 2, 3, 4, 5];
        let bytes = [&message[..], &frame, &[0; 3], &message].concat();
        let mut reading = &bytes[..];
        assert_eq!(read_frame(&mut reading).await.unwrap(), message);
        assert_eq!(read_frame(&mut reading).await.unwrap(), frame);
        assert_eq!(read_frame(&mut reading).await.unwrap(), message);
        assert!(read_frame(&mut reading).await.is_err(), "the end");
    }

    #[tokio::test]
    async fn what_is_no_frame_ends_the_stream() {
        for bad in [
            [0x80, 0, 0, 0],
            [0x16, 3, 1, 2],
            [0, 1, 0xff, 0xff],
            [0x40, 0, 0x7f, 0xff],
        ] {
            let bytes = [&bad[..], &[0; 100]].concat();
            assert!(read_frame(&mut &bytes[..]).await.is_err(), "{bad:?}");
        }
    }
}
