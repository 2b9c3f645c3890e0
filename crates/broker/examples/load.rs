//! Temporary load generator.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use broker::*;
use bytes::{BytesMut, Buf};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Open;
impl Hooks for Open {
    fn authenticate<'a>(&'a self, c: Connect<'a>) -> BoxFuture<'a, Result<Principal, Refusal>> {
        let s: Subject = c.client_id.into();
        async move { Ok(Principal { subject: s, tag: 0 }) }.boxed()
    }
    fn allow_subscribe(&self, _: &Link, _: &str) -> bool { true }
    fn allow_publish(&self, _: &Link, _: &str, _: bool) -> bool { true }
    fn on_publish(&self, _: &Link, _: Incoming) -> Verdict { Verdict::Forward }
    fn on_connected(&self, _: &Link) {}
    fn on_subscribed(&self, _: &Link, _: &[Arc<str>]) {}
    fn on_unsubscribed(&self, _: &Link, _: &[Arc<str>]) {}
    fn on_disconnected(&self, _: &Link, _: DisconnectReason) {}
}
fn connect(id: &str) -> Vec<u8> {
    let mut v = vec![0x10, (12 + id.len()) as u8, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, id.len() as u8];
    v.extend(id.as_bytes());
    v
}
fn subscribe(f: &str, qos: u8) -> Vec<u8> {
    let mut v = vec![0x82, (5 + f.len()) as u8, 0, 1, 0, f.len() as u8];
    v.extend(f.as_bytes());
    v.push(qos);
    v
}
async fn client(a: SocketAddr, id: &str) -> TcpStream {
    let mut s = TcpStream::connect(a).await.unwrap();
    s.set_nodelay(true).unwrap();
    s.write_all(&connect(id)).await.unwrap();
    let mut b = [0; 4];
    s.read_exact(&mut b).await.unwrap();
    s
}
fn rss() -> usize {
    let s = std::fs::read_to_string("/proc/self/statm").unwrap();
    s.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
fn publish(topic: &str, id: u16, payload: &[u8]) -> Vec<u8> {
    let n = 4 + topic.len() + payload.len();
    let mut v = vec![0x32, (n & 127 | 128) as u8, (n >> 7) as u8, 0, topic.len() as u8];
    v.extend(topic.as_bytes());
    v.extend(id.to_be_bytes());
    v.extend(payload);
    v
}
fn main() {
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let broker = Broker::new(Limits::default(), Arc::new(Open));
    let stop = tokio_util::sync::CancellationToken::new();
    let listener = { let _g = rt.enter(); listen("127.0.0.1:0".parse().unwrap()).unwrap() };
    let a = listener.local_addr().unwrap();
    let b2 = broker.clone(); let s2 = stop.clone();
    rt.spawn(async move { b2.serve(listener, s2).await.unwrap() });
    let gen_rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    gen_rt.block_on(async {
        // idle memory (both sides in process: client side std sockets)
        let before = rss();
        let mut idle = Vec::new();
        let t = Instant::now();
        for n in 0..5000 {
            let s = client(a, &format!("idle{n}")).await.into_std().unwrap();
            let mut s2 = s; s2.set_nonblocking(false).unwrap();
            use std::io::{Read, Write};
            s2.write_all(&subscribe(&format!("device/{n}/down"), 1)).unwrap();
            let mut b = [0; 5]; s2.read_exact(&mut b).unwrap();
            idle.push(s2);
        }
        println!("connect rate {:.0}/s, bytes per idle connection {}", 5000.0 / t.elapsed().as_secs_f64(), (rss() - before) / 5000);
        // latency
        let mut sub = client(a, "sub").await;
        sub.write_all(&subscribe("load", 1)).await.unwrap();
        let mut b = [0; 5]; sub.read_exact(&mut b).await.unwrap();
        let mut p = client(a, "pub").await;
        let mut lat = Vec::new();
        let payload = [b'x'; 200];
        for n in 1..=4000u16 {
            let t = Instant::now();
            p.write_all(&publish("load", n, &payload)).await.unwrap();
            let mut m = vec![0; 3 + 2 + 4 + 2 + 200];
            sub.read_exact(&mut m).await.unwrap();
            lat.push(t.elapsed());
            sub.write_all(&[0x40, 2, m[9], m[10]]).await.unwrap();
            let mut ack = [0; 4]; p.read_exact(&mut ack).await.unwrap();
            if n % 4 == 0 { tokio::time::sleep(Duration::from_millis(1)).await; }
        }
        lat.sort();
        println!("latency p50 {:?} p99 {:?}", lat[2000], lat[3960]);
        // fan-in
        for _ in 0..3 {
        let total: usize = 400_000; let pubs = 50; let each = total / pubs;
        let t = Instant::now();
        let cpu0 = cpu();
        for k in 0..pubs {
            tokio::spawn(async move {
                let s = client(a, &format!("p{k}")).await;
                let (mut r, mut w) = s.into_split();
                let sem = Arc::new(tokio::sync::Semaphore::new(100));
                let s2 = sem.clone();
                tokio::spawn(async move { let mut b = BytesMut::new(); while r.read_buf(&mut b).await.unwrap_or(0) > 0 { let n = b.len() / 4; b.advance(n * 4); s2.add_permits(n); } });
                let payload = [b'x'; 200];
                let mut left = each; let mut id = 0u16;
                while left > 0 {
                    let p = sem.acquire_many(20).await.unwrap(); p.forget();
                    let mut out = Vec::new();
                    for _ in 0..20 { id = id.wrapping_add(1).max(1); out.extend(publish("load", id, &payload)); }
                    w.write_all(&out).await.unwrap(); left -= 20;
                }
                tokio::time::sleep(Duration::from_secs(30)).await;
            });
        }
        let mut got = 0; let mut b = BytesMut::with_capacity(1 << 16);
        while got < total {
            sub.read_buf(&mut b).await.unwrap();
            let mut acks = Vec::new();
            while b.len() >= 211 { acks.extend([0x40, 2, b[9], b[10]]); b.advance(211); got += 1; }
            sub.write_all(&acks).await.unwrap();
        }
        println!("fan-in {:.0} msg/s, cpu (both sides) {:.2}s per 100k  {:?}", total as f64 / t.elapsed().as_secs_f64(), (cpu() - cpu0) / (total as f64 / 1e5), broker.counts());
        }
    });
    std::process::exit(0);
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
