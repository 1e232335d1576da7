//! The ZIP of a package, read strictly: entries stored, sorted, unique, one after the other, nothing between or behind.
//!
//! A reader of our own, because a lenient one would pick one of two `component.wasm` silently; SHA-256 covers the content.
use crate::PluginError;

pub const MAX_PACKAGE: usize = 24 << 20;
const MAX_ENTRIES: usize = 300;
const MAX_NAME: usize = 120;

/// Name and content of every entry, in the order of the file.
pub fn read(bytes: &[u8]) -> Result<Vec<(&str, &[u8])>, PluginError> {
    if bytes.len() > MAX_PACKAGE {
        return Err(PluginError::TooLarge { cap_mib: MAX_PACKAGE >> 20 });
    }
    let bad = |name: &str| PluginError::ArchiveBad { name: name.to_owned() };
    let end = bytes.len().checked_sub(22).ok_or_else(|| bad("ZIP"))?;
    let tail = &bytes[end..];
    let entries = usize::from(u16_at(tail, 10));
    let (size, start) = (u32_at(tail, 12) as usize, u32_at(tail, 16) as usize);
    // No comment, one disk, and the directory ends exactly where the tail begins.
    if u32_at(tail, 0) != 0x0605_4b50 || u32_at(tail, 4) != 0 || u16_at(tail, 8) != u16_at(tail, 10) || u16_at(tail, 20) != 0 {
        return Err(bad("ZIP"));
    }
    if entries > MAX_ENTRIES || start.checked_add(size) != Some(end) {
        return Err(bad("ZIP"));
    }
    let mut list: Vec<(&str, &[u8])> = Vec::with_capacity(entries);
    let (mut at, mut next) = (start, 0);
    for _ in 0..entries {
        let row = bytes.get(at..at + 46).filter(|_| at + 46 <= end).ok_or_else(|| bad("ZIP"))?;
        let (name_len, extra, comment) = (u16_at(row, 28), u16_at(row, 30), u16_at(row, 32));
        let name =
            bytes.get(at + 46..at + 46 + usize::from(name_len)).and_then(|n| std::str::from_utf8(n).ok()).ok_or_else(|| bad("ZIP"))?;
        if !plain(name) || list.last().is_some_and(|(before, _)| *before >= name) {
            return Err(bad(&name.escape_debug().to_string()));
        }
        let length = u32_at(row, 20) as usize;
        let flags_ok = u16_at(row, 8) & !0x0800 == 0; // bit 11: the name is UTF-8; no encryption, no streamed sizes
        let stored = u16_at(row, 10) == 0 && u32_at(row, 24) as usize == length;
        if u32_at(row, 0) != 0x0201_4b50 || !flags_ok || !stored || extra != 0 || comment != 0 || u32_at(row, 42) as usize != next {
            return Err(bad(name));
        }
        let local = bytes.get(next..next + 30).filter(|_| next + 30 <= start).ok_or_else(|| bad(name))?;
        let same = u32_at(local, 0) == 0x0403_4b50
            && local[6..26] == row[8..28] // flags, method, time, checksum and both sizes
            && u16_at(local, 26) == name_len
            && u16_at(local, 28) == 0;
        let body = next + 30 + usize::from(name_len);
        let content = bytes.get(body..body + length).filter(|_| body + length <= start).ok_or_else(|| bad(name))?;
        if !same || &bytes[next + 30..body] != name.as_bytes() {
            return Err(bad(name));
        }
        list.push((name, content));
        (at, next) = (at + 46 + usize::from(name_len), body + length);
    }
    if at != end || next != start {
        return Err(bad("ZIP"));
    }
    Ok(list)
}

/// Relative, forward slashes, no `..`, no hidden part: such a name cannot leave a folder on any system.
fn plain(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.split('/').all(|part| {
            !part.is_empty() && !part.starts_with('.') && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
