//! HTTP/1.1 on one kept connection: a request out, its answer in.
//!
//! Answers have a `content-length`, as the server's do; anything else is an error.
//! Source: RFC 9112 §2 to §6.

use std::future::poll_fn;
use std::io::Write;
use std::task::{Context, Poll, ready};

use super::socket::{Socket, Whole};
use crate::load::error::LoadError;

/// Connects again where the server closed an idle connection.
pub(in crate::load) struct HttpLine {
    address: String,
    /// The headers that stay the same, each ended by CR LF.
    headers: String,
    socket: Socket,
    request: Vec<u8>,
    awaited: Option<&'static str>,
}

/// An answer; which request it belongs to is known, since only one is under way.
pub(in crate::load) struct Answer {
    pub(in crate::load) request: &'static str,
    pub(in crate::load) status: u16,
    pub(in crate::load) body: Vec<u8>,
}

impl HttpLine {
    /// `headers` must hold whole lines, each ended by CR LF.
    pub(in crate::load) async fn connect(
        address: &str,
        headers: String,
    ) -> Result<Self, LoadError> {
        Ok(Self {
            address: address.to_owned(),
            headers,
            socket: Socket::connect(address).await?,
            request: Vec::with_capacity(1024),
            awaited: None,
        })
    }

    /// Posts JSON; the answer comes from [`Self::poll_answer`].
    pub(in crate::load) async fn post(
        &mut self,
        path: &'static str,
        body: &str,
    ) -> Result<(), LoadError> {
        if self.socket.is_closed() {
            self.socket = Socket::connect(&self.address).await?;
        }
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\n{}content-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.headers,
            body.len(),
        )?;
        self.awaited = Some(path);
        self.socket.send(&self.request).await
    }

    /// Waits for the answer to the request under way.
    pub(in crate::load) async fn answer(&mut self) -> Result<Answer, LoadError> {
        poll_fn(|waker| self.poll_answer(waker)).await
    }

    /// The answer to the request under way; never ready without one.
    pub(in crate::load) fn poll_answer(
        &mut self,
        waker: &mut Context<'_>,
    ) -> Poll<Result<Answer, LoadError>> {
        let Some(request) = self.awaited else {
            return Poll::Pending;
        };
        loop {
            if let Some((status, body, end)) = decode(self.socket.unread())? {
                let body = body.to_vec();
                self.socket.take(end);
                self.awaited = None;
                return Poll::Ready(Ok(Answer {
                    request,
                    status,
                    body,
                }));
            }
            ready!(self.socket.poll_fill(waker))?;
        }
    }
}

/// The answer at the front of the bytes, its head being the status.
pub(in crate::load) fn decode(bytes: &[u8]) -> Result<Whole<'_, u16>, LoadError> {
    const GAP: &[u8] = b"\r\n\r\n";
    let Some(head_length) = bytes.windows(GAP.len()).position(|window| window == GAP) else {
        return Ok(None);
    };
    let outside = LoadError::Unexpected("no HTTP/1.1 answer with a content-length");
    let head = std::str::from_utf8(&bytes[..head_length]).ok();
    let Some((status, length)) = head.and_then(|head| Some((status(head)?, length(head)?))) else {
        return Err(outside);
    };
    let start = head_length + GAP.len();
    let body = bytes.get(start..start + length);
    Ok(body.map(|body| (status, body, start + length)))
}

fn status(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn length(head: &str) -> Option<usize> {
    let mut headers = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    value.trim().parse().ok()
}
