//! The few shapes of CBOR (RFC 8949) that CloudWatch's answer needs.

/// The additional information of a head whose length is in the next byte.
const ONE_BYTE: u8 = 0x18;

/// A map of texts to items that are encoded already.
pub(crate) fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = head(5, entries.len());
    for (name, item) in entries {
        bytes.extend(text(name));
        bytes.extend(item);
    }
    bytes
}

/// A list of items that are encoded already.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = head(4, items.len());
    bytes.extend(items.concat());
    bytes
}

/// A text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = head(3, text.len());
    bytes.extend(text.as_bytes());
    bytes
}

fn head(major: u8, length: usize) -> Vec<u8> {
    let length = u8::try_from(length).unwrap();
    if length < 24 { vec![(major << 5) | length] } else { vec![(major << 5) | ONE_BYTE, length] }
}
