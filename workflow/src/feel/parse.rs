//! Tokens to an expression, by precedence: or, and, comparison and `in`, sum, product, power, sign, primary.
use super::{
    ast::{Binary, Builtin, Expr, Test},
    lex::{Lexeme, lex},
};

/// Longer texts are no condition of a flow but an attack.
const MAX_LENGTH: usize = 8_000;
const MAX_DEPTH: u32 = 64;
const KEYWORDS: [&str; 12] = ["and", "or", "not", "in", "if", "then", "else", "between", "true", "false", "null", "number"];

/// Why a text is not an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: {message}")]
pub struct ParseError {
    /// Byte offset in the text.
    pub at: usize,
    pub message: String,
}

impl ParseError {
    pub(super) fn at(at: usize, message: impl Into<String>) -> ParseError {
        ParseError { at, message: message.into() }
    }
}

pub(super) fn parse(text: &str) -> Result<Expr, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::at(MAX_LENGTH, "an expression has at most 8,000 bytes"));
    }
    let mut parser = Parser { lexemes: lex(text)?, next: 0, depth: 0, end: text.len() };
    let expr = parser.expression()?;
    match parser.peek() {
        None => Ok(expr),
        Some(extra) => Err(parser.wrong(&format!("nothing more was expected, but {extra:?} follows"))),
    }
}

struct Parser {
    lexemes: Vec<(usize, Lexeme)>,
    next: usize,
    depth: u32,
    end: usize,
}

type Parsed = Result<Expr, ParseError>;

impl Parser {
    fn peek(&self) -> Option<&Lexeme> {
        self.lexemes.get(self.next).map(|(_, l)| l)
    }
    fn wrong(&self, message: &str) -> ParseError {
        ParseError::at(self.lexemes.get(self.next).map_or(self.end, |(at, _)| *at), message)
    }
    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Lexeme::Sign(s)) if *s == sign);
        self.next += usize::from(is);
        is
    }
    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Lexeme::Word(w)) if w == word);
        self.next += usize::from(is);
        is
    }
    fn need_sign(&mut self, sign: &str) -> Result<(), ParseError> {
        if self.sign(sign) { Ok(()) } else { Err(self.wrong(&format!("“{sign}” was expected"))) }
    }
    fn need_word(&mut self, word: &str) -> Result<(), ParseError> {
        if self.word(word) { Ok(()) } else { Err(self.wrong(&format!("“{word}” was expected"))) }
    }
    fn deeper(&mut self, f: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong("an expression is at most 64 levels deep"));
        }
        let result = f(self);
        self.depth -= 1;
        result
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(|p| {
            if p.word("if") {
                let condition = p.expression()?;
                p.need_word("then")?;
                let yes = p.expression()?;
                p.need_word("else")?;
                let no = p.expression()?;
                return Ok(Expr::If(Box::new(condition), Box::new(yes), Box::new(no)));
            }
            let mut left = p.conjunction()?;
            let mut terms = 0;
            while p.word("or") {
                // A long chain would make a deep tree on the left; the evaluator has the same limit of levels.
                terms += 1;
                if terms > MAX_DEPTH / 2 {
                    return Err(p.wrong("too many terms"));
                }
                left = Expr::Binary(Binary::Or, Box::new(left), Box::new(p.conjunction()?));
            }
            Ok(left)
        })
    }
    fn conjunction(&mut self) -> Parsed {
        self.chain(Parser::comparison, &[], Some("and"))
    }
    fn chain(&mut self, part: fn(&mut Self) -> Parsed, signs: &[(&str, Binary)], and: Option<&str>) -> Parsed {
        let mut left = part(self)?;
        let mut terms = 0;
        loop {
            let operator = match and {
                Some(word) => self.word(word).then_some(Binary::And),
                None => signs.iter().find(|(s, _)| self.sign(s)).map(|(_, op)| *op),
            };
            let Some(operator) = operator else { return Ok(left) };
            terms += 1;
            if terms > MAX_DEPTH / 2 {
                return Err(self.wrong("too many terms"));
            }
            left = Expr::Binary(operator, Box::new(left), Box::new(part(self)?));
        }
    }
    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if self.word("between") {
            let low = self.sum()?;
            self.need_word("and")?;
            return Ok(Expr::Between(Box::new(left), Box::new(low), Box::new(self.sum()?)));
        }
        if self.word("in") {
            let several = self.sign_then_list();
            let mut tests = vec![self.test()?];
            while several && self.sign(",") {
                tests.push(self.test()?);
            }
            if several {
                self.need_sign(")")?;
            }
            return Ok(Expr::In(Box::new(left), tests));
        }
        match self.comparator() {
            Some(operator) => Ok(Expr::Binary(operator, Box::new(left), Box::new(self.sum()?))),
            None => Ok(left),
        }
    }
    /// `in (a, b)` is a list of tests; `in (1..5)` is a range that is open on the left.
    fn sign_then_list(&mut self) -> bool {
        let mut level = 0;
        let is_range = matches!(self.peek(), Some(Lexeme::Sign("(")))
            && self.lexemes[self.next..]
                .iter()
                .take_while(|(_, l)| {
                    match l {
                        Lexeme::Sign("(" | "[") => level += 1,
                        Lexeme::Sign(")" | "]") => level -= 1,
                        _ => {}
                    }
                    level > 0
                })
                .filter(|(_, l)| matches!(l, Lexeme::Sign("..")))
                .count()
                == 1
            && !self.has_comma();
        !is_range && self.sign("(")
    }
    fn has_comma(&self) -> bool {
        let mut level = 0;
        for (_, lexeme) in &self.lexemes[self.next..] {
            match lexeme {
                Lexeme::Sign("(" | "[") => level += 1,
                Lexeme::Sign(")" | "]") => level -= 1,
                Lexeme::Sign(",") if level == 1 => return true,
                _ => {}
            }
            if level == 0 {
                return false;
            }
        }
        false
    }
    fn comparator(&mut self) -> Option<Binary> {
        use Binary::{Eq, Ge, Gt, Le, Lt, Ne};
        [("=", Eq), ("!=", Ne), ("<=", Le), ("<", Lt), (">=", Ge), (">", Gt)].into_iter().find(|(s, _)| self.sign(s)).map(|(_, op)| op)
    }
    fn test(&mut self) -> Result<Test, ParseError> {
        if let Some(operator) = self.comparator() {
            return Ok(Test::Compare(operator, self.sum()?));
        }
        let start = self.next;
        let low_closed = matches!(self.peek(), Some(Lexeme::Sign("[")));
        if matches!(self.peek(), Some(Lexeme::Sign("[" | "(" | "]"))) {
            self.next += 1;
            // A range or, if no `..` follows the first part, an ordinary list or parenthesis.
            if let Ok(low) = self.sum()
                && self.sign("..")
            {
                let high = self.sum()?;
                let high_closed = self.sign("]");
                if !high_closed && !self.sign(")") && !self.sign("[") {
                    return Err(self.wrong("“]” or “)” was expected"));
                }
                return Ok(Test::Range { low, low_closed, high, high_closed });
            }
            self.next = start;
        }
        Ok(Test::Of(self.sum()?))
    }
    fn sum(&mut self) -> Parsed {
        self.chain(Parser::product, &[("+", Binary::Add), ("-", Binary::Sub)], None)
    }
    fn product(&mut self) -> Parsed {
        self.chain(Parser::power, &[("*", Binary::Mul), ("/", Binary::Div)], None)
    }
    fn power(&mut self) -> Parsed {
        self.chain(Parser::signed, &[("**", Binary::Pow)], None)
    }
    fn signed(&mut self) -> Parsed {
        if self.sign("-") {
            return self.deeper(|p| Ok(Expr::Negate(Box::new(p.signed()?))));
        }
        self.primary()
    }
    fn primary(&mut self) -> Parsed {
        let Some(lexeme) = self.peek().cloned() else { return Err(self.wrong("a value was expected")) };
        match lexeme {
            Lexeme::Number(n) => {
                self.next += 1;
                Ok(Expr::Number(n))
            }
            Lexeme::Text(text) => {
                self.next += 1;
                Ok(Expr::Text(text))
            }
            Lexeme::Sign("(") => {
                self.next += 1;
                let inner = self.expression()?;
                self.need_sign(")")?;
                Ok(inner)
            }
            Lexeme::Sign("[") => {
                self.next += 1;
                self.list()
            }
            Lexeme::Sign(_) => Err(self.wrong("a value was expected")),
            Lexeme::Word(word) => {
                self.next += 1;
                self.named(&word)
            }
        }
    }
    fn list(&mut self) -> Parsed {
        let mut items = Vec::new();
        if self.sign("]") {
            return Ok(Expr::List(items));
        }
        loop {
            items.push(self.expression()?);
            if items.len() > 10_000 {
                return Err(self.wrong("a list has at most 10,000 items"));
            }
            if self.sign("]") {
                return Ok(Expr::List(items));
            }
            self.need_sign(",")?;
        }
    }
    fn named(&mut self, word: &str) -> Parsed {
        let call = match word {
            "true" => return Ok(Expr::Bool(true)),
            "false" => return Ok(Expr::Bool(false)),
            "null" => return Ok(Expr::Null),
            "not" => Some(Builtin::Not),
            "number" if matches!(self.peek(), Some(Lexeme::Sign("("))) => Some(Builtin::Number),
            _ => None,
        };
        if let Some(function) = call {
            self.need_sign("(")?;
            let argument = self.expression()?;
            self.need_sign(")")?;
            return Ok(Expr::Call(function, Box::new(argument)));
        }
        if KEYWORDS.contains(&word) && word != "number" {
            self.next -= 1;
            return Err(self.wrong("a value was expected"));
        }
        if matches!(self.peek(), Some(Lexeme::Sign("("))) {
            return Err(self.wrong(&format!("the function “{word}” is not in this part of FEEL")));
        }
        let mut path = vec![word.to_owned()];
        while matches!(self.peek(), Some(Lexeme::Sign("."))) {
            self.next += 1;
            match self.peek().cloned() {
                Some(Lexeme::Word(part)) => {
                    self.next += 1;
                    path.push(part);
                }
                _ => return Err(self.wrong("a name was expected after “.”")),
            }
        }
        Ok(Expr::Name(path))
    }
}
