//! How personal data is shown to those who may not see it (web.md §5.3).

/// `张**`: the first character and two stars.
pub fn name(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

/// `3701**********0041`: the first and last four.
pub fn id_number(number: &str) -> String {
    ends(number, 4, 4)
}

/// `138****5678`: the first three and last four.
pub fn phone(phone: &str) -> String {
    ends(phone, 3, 4)
}

/// `****0123`: the last four of a bank account.
pub fn bank_account(number: &str) -> String {
    ends(number, 0, 4)
}

fn ends(text: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= head + tail {
        return "*".repeat(chars.len());
    }
    chars.iter().enumerate().map(|(i, c)| if i < head || i >= chars.len() - tail { *c } else { '*' }).collect()
}
