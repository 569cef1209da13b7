//! Measures the engine as a server, beside the bare HTTP stack, and the engine alone.
//!
//!     cargo bench --bench engine [-- --sizes 1000,4000,8000,32000] [--requests 20000] [--data]
//!
//! `apigctl serve` is started with a snapshot of so many APIs, and asked over 1, 8 and 64 connections. The bare stack is a
//! process of its own too: the same library answers the same requests with a constant of the same size. Requests are
//! signed and written out before the clock starts, so that the generator only copies bytes. Server and generator share
//! the machine; besides requests per second and latencies, each line has the processor time that the server took per
//! request, which does not depend on who else is busy. `--data` keeps the state on disk.
//!
//! Nothing here is a test: nothing fails.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "it is a program that measures, and stops at the first surprise"
)]

#[path = "engine/estate.rs"]
mod estate;
#[path = "engine/load.rs"]
mod load;
#[path = "engine/server.rs"]
mod server;

use std::time::{Duration, Instant};

use estate::Estate;
use load::Load;
use server::Server;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// The size the aims speak of.
const MAIN: usize = 8000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = args.iter().position(|arg| arg == "--bare") {
        return server::bare(args[at + 1].parse().unwrap());
    }
    let value = |name: &str| args.iter().position(|arg| arg == name).map(|at| args[at + 1].clone());
    let sizes = value("--sizes").unwrap_or_else(|| "1000,4000,8000,32000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').map(|size| size.parse().unwrap()).collect();
    let requests: usize = value("--requests").map_or(20_000, |count| count.parse().unwrap());
    let data = args.iter().any(|arg| arg == "--data");
    println!("state {}", if data { "on disk" } else { "in memory" });
    for size in sizes {
        measure(size, requests, data, if size == MAIN { &CONNECTIONS } else { &CONNECTIONS[1..2] });
    }
    if args.iter().any(|arg| arg == "--alone") || !data {
        alone(MAIN);
    }
}

fn measure(size: usize, requests: usize, data: bool, connections: &[usize]) {
    let dir = tempfile::tempdir().unwrap();
    let estate = Estate::new(size);
    let start = Instant::now();
    let server = Server::engine(dir.path(), &estate, data);
    println!("\n{size} APIs: loaded in {:.2?}, {} MB", start.elapsed(), server.memory());
    println!(
        "{:<10} {:>5} {:>8}  {:>9} {:>9} {:>9} {:>10} | {:>9} {:>9} {:>9} {:>10} | {:>5} {:>5}",
        "",
        "conns",
        "bytes",
        "req/s",
        "p50",
        "p99",
        "CPU/req",
        "bare",
        "p50",
        "p99",
        "CPU/req",
        "rate",
        "CPU"
    );
    let mut next = 0;
    for name in ["detail", "list 500", "create", "publish", "bind"] {
        for &connections in connections {
            let count = match name {
                "detail" => requests,
                "list 500" => requests / 40,
                _ => requests / 10,
            };
            let all = estate.requests(name, &server, count, &mut next);
            line(name, connections, all, &server);
        }
    }
    println!("afterwards {} MB", server.memory());
}

/// Measures one kind of request, and the bare stack with answers of the same size.
fn line(name: &str, connections: usize, all: Vec<Vec<u8>>, server: &Server) {
    let real = Load::run(server, connections, &all);
    let bare = Server::bare(real.size);
    let constant = Load::run(&bare, connections, &all);
    println!(
        "{name:<10} {connections:>5} {:>8}  {} | {} | {:>5.2} {:>5.2}",
        real.size,
        real.text(),
        constant.text(),
        constant.rate() / real.rate(),
        // Nothing to compare with when the bare stack was done within a tick of the system's clock.
        real.processor.as_secs_f64() / constant.processor.as_secs_f64(),
    );
}

/// The engine without HTTP: what a rehearsal pays.
fn alone(size: usize) {
    use apigctl::engine::{Access, Engine, Options};
    let estate = Estate::new(size);
    let quotas = estate.quotas();
    let engine = Engine::in_memory(Options { quotas, ..Options::default() });
    engine.load(engine.project_id(), engine.instance_id(), estate.snapshot()).unwrap();
    println!("\n{size} APIs, the engine in process, per request");
    let mut next = 0;
    for name in ["detail", "list 500", "create", "publish", "bind"] {
        let count = if name == "list 500" { 200 } else { 5000 };
        let all = estate.plain(name, engine.project_id(), engine.instance_id(), count, &mut next);
        let start = Instant::now();
        for request in all {
            let response = engine.handle(request, Access::Trusted);
            assert!(response.status().is_success(), "{name}: {:?}", response.body());
        }
        let each: Duration = start.elapsed() / u32::try_from(count).unwrap();
        println!("{name:<10} {each:>10.1?}");
    }
}
