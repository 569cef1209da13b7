//! A connection that ends gently after a request that was not read to its end.
//!
//! To close a socket with unread input is to reset it, and a reset can overtake the answer. So the sending side is closed
//! first, and what the client still sends is read and dropped: until it ends, up to [`BYTES_MAX`], and for a limited time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The most that is read and dropped.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// A stream that waits, when it is shut down, for what the client still sends.
pub(super) struct Lingering {
    stream: TcpStream,
    /// True once a request was answered before it was read.
    pub(super) unread: Arc<AtomicBool>,
    time_max: Duration,
    /// Set when the sending side is closed.
    ends: Option<Pin<Box<Sleep>>>,
    dropped: usize,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream, time_max: Duration) -> Self {
        Self { stream, unread: Arc::new(AtomicBool::new(false)), time_max, ends: None, dropped: 0 }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ends.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        if !this.unread.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        let time_max = this.time_max;
        let ends = this.ends.get_or_insert_with(|| Box::pin(tokio::time::sleep(time_max)));
        let mut rest = [0; 16 * 1024];
        while this.dropped < BYTES_MAX && ends.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut rest);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer));
            // How the client ends is its own business.
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            this.dropped += buffer.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}
