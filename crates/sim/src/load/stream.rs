//! The bytes of a connection, plain or by TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Where a broker listens, and how it is spoken to.
#[derive(Clone)]
pub struct Target {
    /// The listener.
    pub address: SocketAddr,
    /// Whose certificate is good, if it is spoken to by TLS; it must name the address.
    pub tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// A listener of plain TCP.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }
}

pub(super) enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) async fn plain(address: impl ToSocketAddrs) -> io::Result<Self> {
        Ok(Self::Plain(connect(address).await?))
    }

    /// After the handshake, where there is one.
    pub(super) async fn to(target: &Target) -> io::Result<Self> {
        let stream = connect(target.address).await?;
        let Some(tls) = &target.tls else {
            return Ok(Self::Plain(stream));
        };
        let name = ServerName::from(target.address.ip());
        let shaking = TlsConnector::from(Arc::clone(tls)).connect(name, stream);
        Ok(Self::Secure(Box::new(shaking.await?)))
    }

    pub(super) fn poll_read(
        &mut self,
        waker: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(waker, room),
            Self::Secure(stream) => Pin::new(stream.as_mut()).poll_read(waker, room),
        }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Secure(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Reads at most one byte that is there already; none of TLS, whose records are read whole.
    pub(super) fn try_read(&self, one: &mut [u8; 1]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.try_read(one),
            Self::Secure(_) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

async fn connect(address: impl ToSocketAddrs) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
