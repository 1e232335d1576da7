//! The gate before the XML reader: size, encoding, DOCTYPE, depth and number of nodes, in one pass without allocation.
use roxmltree::{Document, ParsingOptions};

const MAX_BYTES: usize = 5 * 1024 * 1024;
const MAX_DEPTH: usize = 64;
const MAX_NODES: u32 = 20_000;

/// Why a file is not even read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlRefusal {
    #[error("a DOCTYPE is not allowed")]
    Doctype,
    #[error("more than 5 MiB")]
    TooLarge,
    #[error("more than 64 levels")]
    TooDeep,
    #[error("more than 20,000 nodes")]
    TooManyNodes,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("not well formed: {0}")]
    Malformed(String),
}

impl XmlRefusal {
    pub const fn code(&self) -> &'static str {
        match self {
            XmlRefusal::Doctype => "workflow.xml_doctype",
            XmlRefusal::TooLarge => "workflow.xml_too_large",
            XmlRefusal::TooDeep => "workflow.xml_too_deep",
            XmlRefusal::TooManyNodes => "workflow.xml_too_many_nodes",
            XmlRefusal::NotUtf8 => "workflow.xml_not_utf8",
            XmlRefusal::Malformed(_) => "workflow.xml_malformed",
        }
    }
    pub fn zh(&self) -> String {
        match self {
            XmlRefusal::Doctype => "流程文件不得含有 DOCTYPE 声明".into(),
            XmlRefusal::TooLarge => "流程文件不得超过 5 MB".into(),
            XmlRefusal::TooDeep => "流程文件嵌套不得超过 64 层".into(),
            XmlRefusal::TooManyNodes => "流程文件不得超过 20000 个节点".into(),
            XmlRefusal::NotUtf8 => "流程文件须为 UTF-8 编码".into(),
            XmlRefusal::Malformed(at) => format!("流程文件不是有效的 XML：{at}"),
        }
    }
}

/// Checks the bytes; the text borrows them.
pub(super) fn guard(bytes: &[u8]) -> Result<&str, XmlRefusal> {
    if bytes.len() > MAX_BYTES {
        return Err(XmlRefusal::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlRefusal::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    scan(text.as_bytes())?;
    Ok(text)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    bytes[from..].windows(what.len()).position(|w| w == what).map_or(bytes.len(), |i| from + i + what.len())
}

/// Counts open elements. It need not understand XML: what it lets through, the real reader still judges.
fn scan(bytes: &[u8]) -> Result<(), XmlRefusal> {
    let (mut at, mut depth, mut nodes) = (0, 0usize, 0u32);
    while let Some(offset) = bytes[at..].iter().position(|b| *b == b'<') {
        at += offset;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            at = find(bytes, at, b"-->");
        } else if rest.starts_with(b"<![CDATA[") {
            at = find(bytes, at, b"]]>");
        } else if rest.starts_with(b"<?") {
            at = find(bytes, at, b"?>");
        } else if rest.starts_with(b"<!") {
            return Err(XmlRefusal::Doctype);
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            at += 2;
        } else {
            let end = end_of_tag(bytes, at);
            nodes += 1;
            if nodes > MAX_NODES {
                return Err(XmlRefusal::TooManyNodes);
            }
            if !bytes[at..end].ends_with(b"/>") {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(XmlRefusal::TooDeep);
                }
            }
            at = end;
        }
        if at >= bytes.len() {
            break;
        }
    }
    Ok(())
}

/// Past the `>` of a tag; a `>` inside quotes does not count.
fn end_of_tag(bytes: &[u8], from: usize) -> usize {
    let mut quote = None;
    for (i, b) in bytes[from..].iter().enumerate() {
        match (quote, b) {
            (None, b'>') => return from + i + 1,
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == *b => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

pub(super) fn parse(text: &str) -> Result<Document<'_>, XmlRefusal> {
    // Text between elements counts as nodes too, hence some more than the elements that the gate counted.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES * 3, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => XmlRefusal::Doctype,
        roxmltree::Error::NodesLimitReached => XmlRefusal::TooManyNodes,
        other => XmlRefusal::Malformed(other.to_string()),
    })
}
