//! Which files are taken, and whether the bytes are what the sender says (magic bytes, never the name alone).
use crate::DocumentError;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Pdf,
    Png,
    Jpeg,
    Xlsx,
    Csv,
    Text,
    Xml,
    Zip,
}

impl Media {
    pub const ALL: [Media; 8] = [Media::Pdf, Media::Png, Media::Jpeg, Media::Xlsx, Media::Csv, Media::Text, Media::Xml, Media::Zip];

    pub const fn media_type(self) -> &'static str {
        match self {
            Media::Pdf => "application/pdf",
            Media::Png => "image/png",
            Media::Jpeg => "image/jpeg",
            Media::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Media::Csv => "text/csv",
            Media::Text => "text/plain",
            Media::Xml => "application/xml",
            Media::Zip => "application/zip",
        }
    }
    pub const fn extension(self) -> &'static str {
        match self {
            Media::Pdf => "pdf",
            Media::Png => "png",
            Media::Jpeg => "jpg",
            Media::Xlsx => "xlsx",
            Media::Csv => "csv",
            Media::Text => "txt",
            Media::Xml => "xml",
            Media::Zip => "zip",
        }
    }
    pub fn of_type(media_type: &str) -> Option<Media> {
        let base = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match base.as_str() {
            "image/jpg" | "image/pjpeg" => Some(Media::Jpeg),
            "text/xml" => Some(Media::Xml),
            "application/x-zip-compressed" | "application/vnd.linli.plugin" => Some(Media::Zip),
            // What Windows with Excel installed says of a CSV.
            "application/vnd.ms-excel" | "application/csv" => Some(Media::Csv),
            other => Media::ALL.into_iter().find(|m| m.media_type() == other),
        }
    }
    fn of_name(name: &str) -> Option<Media> {
        let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match extension.as_str() {
            "jpeg" => Some(Media::Jpeg),
            "bpmn" => Some(Media::Xml),
            "linli-plugin" => Some(Media::Zip),
            other => Media::ALL.into_iter().find(|m| m.extension() == other),
        }
    }
    /// Whether the bytes are of this kind.
    fn fits(self, bytes: &[u8]) -> bool {
        const ZIP: &[u8] = b"PK\x03\x04";
        match self {
            Media::Pdf => bytes.starts_with(b"%PDF-"),
            Media::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Media::Jpeg => bytes.starts_with(b"\xff\xd8\xff"),
            Media::Xlsx => bytes.starts_with(ZIP) && contains(bytes, b"xl/workbook.xml"),
            Media::Zip => bytes.starts_with(ZIP),
            Media::Csv | Media::Text => is_text(bytes) && !bytes.starts_with(b"%PDF-"),
            Media::Xml => is_text(bytes) && first_sign(bytes) == Some(b'<'),
        }
    }
}

/// The kind that the sender says, if the bytes agree. Without a say (`application/octet-stream`) the name's ending counts.
pub fn check(given: Option<&str>, name: &str, bytes: &[u8]) -> Result<Media, DocumentError> {
    let silent = given.is_none_or(|g| g.trim().is_empty() || g.trim().eq_ignore_ascii_case("application/octet-stream"));
    let said = given.unwrap_or("").to_owned();
    let media = match silent {
        true => Media::of_name(name).ok_or_else(|| DocumentError::TypeNotAllowed { given: name.to_owned() })?,
        false => Media::of_type(&said).ok_or(DocumentError::TypeNotAllowed { given: said })?,
    };
    if media.fits(bytes) { Ok(media) } else { Err(DocumentError::TypeMismatch { given: media.media_type().into() }) }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}

/// Text has no zero byte and few control signs; UTF-8 and GB18030 both pass.
fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && !bytes.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c))
}

fn first_sign(bytes: &[u8]) -> Option<u8> {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).iter().copied().find(|b| !b.is_ascii_whitespace())
}

#[cfg(test)]
mod tests;
