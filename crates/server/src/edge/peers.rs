//! HTTP connections counted by where they come from.
//!
//! An IPv4 address is one peer, and so is an IPv6 network of 64 bits, because whoever has one
//! address in it has them all.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use app::seats::{Full, Most, Seat, Seats};

/// The first half of an IPv6 address.
const NETWORK: u128 = !0 << 64;

/// What each peer has open. Clones share their counts.
#[derive(Clone)]
pub(crate) struct Peers {
    seats: Option<Arc<Seats<IpAddr>>>,
    counts_loopback: bool,
}

impl Peers {
    /// At most this many for each; 0 is no limit.
    pub(crate) fn new(max: usize) -> Self {
        let seats = (max > 0).then(|| {
            // How many all may have is the accept loop's to say.
            let all = usize::MAX;
            Arc::new(Seats::new(Most { each: max, all }))
        });
        Self {
            seats,
            counts_loopback: true,
        }
    }

    /// Lets loopback have any number: a reverse proxy there is one peer and speaks for everybody.
    pub(crate) fn but_loopback(self) -> Self {
        Self {
            counts_loopback: false,
            ..self
        }
    }

    /// Counts one more until what is returned is dropped; none if this address is not counted.
    pub(crate) fn take(&self, ip: IpAddr) -> Result<Option<Seat<IpAddr>>, Full> {
        let ip = ip.to_canonical();
        match &self.seats {
            Some(seats) if self.counts_loopback || !ip.is_loopback() => {
                seats.take(network(ip)).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(long) => Ipv6Addr::from_bits(long.to_bits() & NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each address, in this order, is let in while all before it stay.
    fn let_in(peers: &Peers, addresses: &[&str]) -> Vec<bool> {
        let taken: Vec<_> = addresses
            .iter()
            .map(|address| peers.take(address.parse().unwrap()))
            .collect();
        taken.iter().map(Result::is_ok).collect()
    }

    #[test]
    fn each_address_has_its_own_count() {
        let peers = Peers::new(1);

        let taken = let_in(&peers, &["192.0.2.1", "192.0.2.1", "192.0.2.2"]);

        assert_eq!(taken, [true, false, true]);
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_peer() {
        let peers = Peers::new(1);

        let taken = let_in(&peers, &["2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1"]);

        assert_eq!(taken, [true, false, true]);
    }

    #[test]
    fn an_ipv4_address_in_ipv6_form_is_the_same_peer() {
        let peers = Peers::new(1);

        let taken = let_in(
            &peers,
            &["192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"],
        );

        assert_eq!(taken, [true, false, true]);
    }

    #[test]
    fn loopback_may_be_left_out() {
        let loopback = ["127.0.0.1", "127.0.0.1", "::1", "::1", "::ffff:127.0.0.1"];
        let all = [true, false, true, false, false];

        assert_eq!(let_in(&Peers::new(1), &loopback), all);
        assert_eq!(let_in(&Peers::new(1).but_loopback(), &loopback), [true; 5]);
    }

    #[test]
    fn zero_is_no_limit() {
        let taken = let_in(&Peers::new(0), &["192.0.2.1"; 5000]);

        assert!(taken.into_iter().all(|taken| taken));
    }
}
