//! Check characters of the numbers that people quote (vocabulary §5; hall §2.4, §2.5).

/// Letters of ISO 7064 MOD 37,36.
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Alphabet of GB 32100: no I, O, S, V, Z.
const USCC: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check digit of ISO 7064 MOD 11,10 over `digits`; `None` if there is anything but digits.
pub fn mod_11_10(digits: &str) -> Option<char> {
    hybrid(digits, 10, &ALPHANUMERIC[..10])
}

/// The check character of ISO 7064 MOD 37,36 over digits and capital letters.
pub fn mod_37_36(text: &str) -> Option<char> {
    hybrid(text, 36, ALPHANUMERIC)
}

fn hybrid(text: &str, m: usize, signs: &[u8]) -> Option<char> {
    let mut p = m;
    for byte in text.bytes() {
        let value = signs.iter().position(|s| *s == byte)?;
        p = (p + value) % m;
        if p == 0 {
            p = m;
        }
        p = p * 2 % (m + 1);
    }
    Some(char::from(signs[(m + 1 - p) % m]))
}

/// What is wrong with a 统一社会信用代码.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsccFault {
    /// Not 18 characters of its alphabet.
    Form,
    /// The last character does not check.
    Check,
}

/// Checks a 统一社会信用代码 (GB 32100). A failing organisation code inside it is only a warning: see [`organisation_code_holds`].
pub fn uscc(code: &str) -> Result<(), UsccFault> {
    if code.len() != 18 {
        return Err(UsccFault::Form);
    }
    let values: Option<Vec<usize>> = code.bytes().map(|b| USCC.iter().position(|s| *s == b)).collect();
    let values = values.ok_or(UsccFault::Form)?;
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if (31 - sum % 31) % 31 == values[17] { Ok(()) } else { Err(UsccFault::Check) }
}

/// Whether the organisation code in positions 9–17 of a USCC has the right check character (GB 11714).
pub fn organisation_code_holds(code: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let Some(org) = code.get(8..17).map(str::as_bytes) else { return false };
    let sum: u32 = org[..8].iter().zip(WEIGHTS).map(|(b, w)| char::from(*b).to_digit(36).unwrap_or(0) * w).sum();
    let expected = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + digit as u8,
    };
    org[8] == expected
}

/// What is wrong with a 居民身份证号.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFault {
    /// Not 17 digits and a digit or X.
    Form,
    /// The birth date does not exist.
    Birth,
    /// The last character does not check.
    Check,
}

/// Checks an 18-digit 居民身份证号 (GB 11643). `x` is read as `X`.
pub fn resident_id(number: &str) -> Result<(), IdFault> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) || !matches!(bytes[17], b'0'..=b'9' | b'X' | b'x') {
        return Err(IdFault::Form);
    }
    let birth = format!("{}-{}-{}", &number[6..10], &number[10..12], &number[12..14]);
    if birth.parse::<crate::Date>().is_err() {
        return Err(IdFault::Birth);
    }
    let sum: u32 = bytes[..17].iter().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    if b"10X98765432"[(sum % 11) as usize] == bytes[17].to_ascii_uppercase() { Ok(()) } else { Err(IdFault::Check) }
}

#[cfg(test)]
mod tests;
