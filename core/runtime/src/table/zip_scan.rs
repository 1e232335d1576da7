//! Looks at the zip before anything opens it: the entries are unpacked once into nothing, and counted.
use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::{TableError, limits};

fn unsafe_file(why: &str) -> TableError {
    TableError::Unsafe { why: why.into() }
}

fn damaged(error: ZipError) -> TableError {
    TableError::Damaged { why: error.to_string() }
}

/// Refuses bombs, overlapping entries, paths that leave the folder, encrypted entries and macros.
pub fn check(bytes: &[u8]) -> Result<(), TableError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if zip.len() > limits::ZIP_ENTRIES {
        return Err(unsafe_file("zip entries > 2,000"));
    }
    if zip.has_duplicate_names() || zip.has_overlapping_entries().map_err(damaged)? {
        return Err(unsafe_file("overlapping zip entries"));
    }
    let mut total = 0;
    for i in 0..zip.len() {
        let entry = match zip.by_index(i) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(_)) => return Err(unsafe_file("zip method or password")),
            Err(e) => return Err(damaged(e)),
        };
        let name = entry.name().map_err(damaged)?.into_owned();
        if entry.encrypted() {
            return Err(TableError::OldOrEncrypted {});
        }
        if name.starts_with(['/', '\\']) || name.contains(':') || name.split(['/', '\\']).any(|part| part == "..") {
            return Err(unsafe_file("zip path"));
        }
        if name.to_ascii_lowercase().ends_with("vbaproject.bin") {
            return Err(unsafe_file("macro"));
        }
        // What the directory says may be a lie, so the bytes themselves are counted.
        let packed = entry.compressed_size();
        let left = limits::ZIP_TOTAL - total;
        let most = left.min((packed.saturating_mul(limits::ZIP_RATIO)).max(limits::ZIP_SMALL));
        let unpacked = std::io::copy(&mut entry.take(most + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|e| TableError::Damaged { why: e.to_string() })?;
        if unpacked > most {
            return Err(unsafe_file("zip bomb"));
        }
        total += unpacked;
    }
    Ok(())
}
