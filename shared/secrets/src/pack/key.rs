//! Which pack holds which grant.

use std::fmt;

use broker_core::id::{AppName, OrgId};

/// Bits of a key that the first character of the subject gives.
const INITIAL_BITS: u8 = 4;

/// The place of a grant among the packs of its app: in the four lowest bits the first hexadecimal digit of the
/// organisation's id, so that the packs of a part of the grants are found by their names, and a hash above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackKey(u32);

impl PackKey {
    /// The key of the first pack.
    pub(crate) const FIRST: Self = Self(0);

    /// Bits of a key.
    pub(crate) const BITS: u8 = 28;

    /// The key of an organisation's grant.
    pub(crate) fn of(org: &OrgId) -> Self {
        Self((fnv_1a(org.as_str()) << INITIAL_BITS | org.first_digit()) & mask(Self::BITS))
    }

    /// The number of the pack with `depth` bits for this key.
    pub(crate) fn number_at(self, depth: u8) -> PackNumber {
        PackNumber(self.0 & mask(depth))
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The key with these bits; `None` if there are too many.
    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        (bits <= mask(Self::BITS)).then_some(Self(bits))
    }
}

/// The number of a pack: the bits with which the keys of its grants end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackNumber(u32);

impl PackNumber {
    /// The first pack of each app.
    pub(crate) const FIRST: Self = Self(0);

    /// The packs for keys that end with `initial`, a hexadecimal digit, as long as packs have fewer bits than that.
    pub(crate) fn shared_by(initial: char) -> Vec<Self> {
        let Some(initial) = initial.to_digit(16) else { return Vec::new() };
        let mut numbers: Vec<Self> = (0..INITIAL_BITS).map(|depth| Self(initial & mask(depth))).collect();
        numbers.dedup();
        numbers.retain(|number| number.0 != initial);
        numbers
    }

    /// The number of the other pack after a split to `depth` bits.
    pub(crate) fn other_half(self, depth: u8) -> Self {
        Self(self.0 | 1 << (depth - 1))
    }

    /// The key of the pack that follows one with this number and `depth` bits, when packs are put in the order of their
    /// bits from the lowest on. `None` after the last one.
    pub(crate) fn key_after(self, depth: u8) -> Option<PackKey> {
        if depth == 0 {
            return None;
        }
        let reverse = |bits: u32| bits.reverse_bits() >> (u32::BITS - u32::from(depth));
        let next = reverse(self.0) + 1;
        (next <= mask(depth)).then(|| PackKey(reverse(next)))
    }

    /// Reads what `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut number = 0_u32;
        for c in text.chars().rev() {
            number = number.checked_mul(16)? + c.to_digit(16)?;
        }
        let number = Self(number);
        (number.to_string() == text).then_some(number)
    }
}

/// In hexadecimal with the lowest digit first, so that the packs of grants with the same initial have a prefix in common.
impl fmt::Display for PackNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        loop {
            write!(f, "{:x}", rest & 15)?;
            rest >>= 4;
            if rest == 0 {
                return Ok(());
            }
        }
    }
}

/// The name of one pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackId {
    /// The app.
    pub app: AppName,
    /// The number among the app's packs.
    pub number: PackNumber,
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.number)
    }
}

fn mask(bits: u8) -> u32 {
    (1_u32 << bits) - 1
}

/// FNV-1a (Fowler, Noll, Vo), the same in every release: a pack is found by it.
fn fnv_1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(n: u32) -> OrgId {
        OrgId::parse(&format!("{n:08x}-0000-4000-8000-000000000000")).unwrap()
    }

    #[test]
    fn hash_is_the_published_one() {
        // From the test vectors of draft-eastlake-fnv.
        assert_eq!((fnv_1a(""), fnv_1a("a"), fnv_1a("foobar")), (0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968));
    }

    #[test]
    fn names_of_packs_begin_with_the_initials_of_their_grants() {
        for n in (0..0xffff_ffff_u32).step_by(0x0123_4567) {
            let initial = org(n).as_str().chars().next().unwrap();
            for depth in 4..PackKey::BITS {
                let number = PackKey::of(&org(n)).number_at(depth);
                assert!(number.to_string().starts_with(initial), "{number} {depth}");
                assert_eq!(PackNumber::parse(&number.to_string()), Some(number));
            }
            for depth in 0..4 {
                let number = PackKey::of(&org(n)).number_at(depth);
                let named = number.to_string().starts_with(initial);
                assert!(named || PackNumber::shared_by(initial).contains(&number), "{number} {depth}");
            }
        }
    }

    #[test]
    fn other_spellings_of_a_number_are_refused() {
        for text in ["", "g", "A", "10", "00", "+1", "ffffffffff"] {
            assert_eq!(PackNumber::parse(text), None, "{text}");
        }
    }

    /// Packs of any depths that cover all keys are visited once each.
    #[test]
    fn keys_after_one_another_visit_every_pack_once() {
        let depth_of = |key: PackKey| {
            if key.0 & 1 == 0 {
                1
            } else if key.0 & 2 == 0 {
                4
            } else {
                3
            }
        };
        let mut visited = Vec::new();
        let mut key = Some(PackKey::FIRST);
        while let Some(at) = key {
            let depth = depth_of(at);
            visited.push((at.number_at(depth), depth));
            key = at.number_at(depth).key_after(depth);
        }
        let covered: u32 = visited.iter().map(|(_, depth)| 1 << (4 - depth)).sum();
        visited.dedup();
        assert_eq!((visited.len(), covered), (1 + 4 + 2, 16));
    }
}
