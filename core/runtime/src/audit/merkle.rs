//! The Merkle tree of RFC 6962 over SHA-256, grown leaf by leaf; only the roots of its full subtrees are kept.
use sha2::{Digest, Sha256};

use crate::crypto::{hex, unhex};

pub type Hash = [u8; 32];

/// Hash of a leaf: `SHA-256(0x00 ‖ entry)`. The entry of an event is its digest as text.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree of `size` leaves as the roots of its full subtrees, largest first: one for each bit of `size`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    peaks: Vec<Hash>,
}

impl Peaks {
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        let mut bits = self.size;
        while bits & 1 == 1 {
            // Each set bit of the size has its peak, so there is one to take.
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
            bits >>= 1;
        }
        self.peaks.push(node);
        self.size += 1;
    }
    /// The head of the tree: `MTH` of RFC 6962 §2.1; of no leaf it is SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut from_right = self.peaks.iter().rev();
        let Some(last) = from_right.next() else { return Sha256::digest([]).into() };
        from_right.fold(*last, |right, left| node_hash(left, &right))
    }
    pub fn root_hex(&self) -> String {
        hex(&self.root())
    }
    /// The peaks as text, for the sequencer's row.
    pub fn to_text(&self) -> String {
        self.peaks.iter().map(|p| hex(p)).collect::<Vec<_>>().join(",")
    }
    /// Reads them back; `None` when their count is not that of the size.
    pub fn from_text(size: u64, text: &str) -> Option<Peaks> {
        let peaks: Option<Vec<Hash>> = text.split(',').filter(|p| !p.is_empty()).map(|p| unhex(p)?.try_into().ok()).collect();
        let peaks = peaks?;
        (peaks.len() == size.count_ones() as usize).then_some(Peaks { size, peaks })
    }
}
