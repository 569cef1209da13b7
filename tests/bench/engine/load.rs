//! Sends requests that are written out already, over some connections, and takes the times.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

/// What was measured.
pub(crate) struct Load {
    times: Vec<Duration>,
    wall: Duration,
    /// What the server took.
    pub(crate) processor: Duration,
    /// The size of the last answer's body.
    pub(crate) size: usize,
}

impl Load {
    /// Each connection sends its share, one request after the other.
    pub(crate) fn run(server: &Server, connections: usize, all: &[Vec<u8>]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let before = server.processor();
        let start = Instant::now();
        let shares: Vec<Vec<Vec<u8>>> =
            (0..connections).map(|n| all.iter().skip(n).step_by(connections).cloned().collect()).collect();
        let done = runtime.block_on(async {
            let address = server.address;
            let tasks: Vec<_> = shares
                .into_iter()
                .map(|share| tokio::task::spawn(async move { one(address, &share).await }))
                .collect();
            let mut done = Vec::new();
            for task in tasks {
                done.push(task.await.unwrap());
            }
            done
        });
        let wall = start.elapsed();
        let size = done[0].1;
        let mut times: Vec<Duration> = done.into_iter().flat_map(|(times, _)| times).collect();
        times.sort_unstable();
        Self { times, wall, processor: server.processor().saturating_sub(before), size }
    }

    pub(crate) fn rate(&self) -> f64 {
        self.times.len() as f64 / self.wall.as_secs_f64()
    }

    pub(crate) fn text(&self) -> String {
        let at = |part: f64| self.times[((self.times.len() - 1) as f64 * part) as usize];
        let each = self.processor.as_secs_f64() * 1e6 / self.times.len() as f64;
        format!("{:>9.0} {:>9.1?} {:>9.1?} {each:>8.0}us", self.rate(), at(0.5), at(0.99))
    }
}

async fn one(address: std::net::SocketAddr, share: &[Vec<u8>]) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut times, mut buffer, mut size) = (Vec::with_capacity(share.len()), vec![0; 1 << 20], 0);
    for request in share {
        let start = Instant::now();
        stream.write_all(request).await.unwrap();
        size = answer(&mut stream, &mut buffer).await;
        times.push(start.elapsed());
    }
    (times, size)
}

/// Reads one answer and returns the size of its body.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> usize {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(filled * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        let from = filled.saturating_sub(3);
        filled += read;
        let Some(end) = buffer[from..filled].windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..from + end]).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 2"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        let length = head
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
        let whole = from + end + 4 + length;
        if buffer.len() < whole {
            buffer.resize(whole, 0);
        }
        while filled < whole {
            let read = stream.read(&mut buffer[filled..whole]).await.unwrap();
            assert!(read > 0, "the server hung up");
            filled += read;
        }
        return length;
    }
}
