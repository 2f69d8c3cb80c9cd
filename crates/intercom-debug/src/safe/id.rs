//! Request ids, and the secrets that nothing may contain.

/// The shortest part of a secret that counts as a part of it.
const PART: usize = 8;

/// Texts that must not be written, like the access token.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// Every part of every secret, in lower case and in order.
    parts: Vec<[u8; PART]>,
    /// Secrets that are shorter than a part, in lower case.
    short: Vec<Box<[u8]>>,
}

impl Secrets {
    /// Adds a secret. An empty one is ignored.
    pub(crate) fn add(&mut self, secret: &str) {
        let secret = secret.to_ascii_lowercase().into_bytes();
        match secret.len() {
            0 => {}
            1..PART => self.short.push(secret.into()),
            _ => self.parts.extend(parts(&secret)),
        }
        self.parts.sort_unstable();
    }

    /// Whether the text contains a secret, or eight characters of one. Case is ignored.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        if self.parts.is_empty() && self.short.is_empty() {
            return false;
        }
        let text = text.to_ascii_lowercase().into_bytes();
        let has = |secret: &[u8]| text.windows(secret.len()).any(|window| window == secret);
        parts(&text).any(|part| self.parts.binary_search(&part).is_ok())
            || self.short.iter().any(|secret| has(secret))
    }
}

fn parts(text: &[u8]) -> impl Iterator<Item = [u8; PART]> {
    text.windows(PART)
        .filter_map(|window| window.try_into().ok())
}

/// Shows nothing of the secrets.
impl core::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Returns a request id that has one of the two forms of Intercom's ids, and shares nothing with a secret: a UUID, or 20 characters
/// of base32 in lower case, with letters and digits.
pub(crate) fn request_id<'i>(id: &'i str, secrets: &Secrets) -> Option<&'i str> {
    ((is_uuid(id) || is_base32(id)) && !secrets.is_in(id)).then_some(id)
}

fn is_uuid(id: &str) -> bool {
    let is_part = |(part, length): (&str, &usize)| {
        part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let lengths = [8, 4, 4, 4, 12];
    id.split('-').count() == lengths.len() && id.split('-').zip(&lengths).all(is_part)
}

fn is_base32(id: &str) -> bool {
    id.len() == 20
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'))
        && id.bytes().any(|byte| byte.is_ascii_digit())
        && id.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Secrets, request_id};

    #[test]
    fn only_the_forms_of_real_ids_pass() {
        let none = Secrets::default();
        for id in [
            "b2i3mhcboc6pcbe33q80",
            "004qkagkoq5kktea5hdg",
            "002je5a3asm5btar2flg",
            "efcd0531-798b-4c22-bccd-68877ed7faa4",
        ] {
            assert_eq!(request_id(id, &none), Some(id));
        }
        for other in [
            "",
            "req_123",
            "test-uuid-replacement",
            "ada@example.org",
            "4915123456789012345a6",
            "49151234567890123456",
            "adalovelaceadalovela",
            "efcd0531-798b-4c22-bccd-68877ed7faaz",
            "efcd0531-798b-4c22-bccd-68877ed7faa4-",
            "EFCD0531\u{e9}-798b-4c22-bccd-68877ed7faa",
        ] {
            assert_eq!(request_id(other, &none), None, "{other}");
        }
    }

    #[test]
    fn an_id_that_shares_a_part_with_the_token_is_hidden() {
        let mut secrets = Secrets::default();
        secrets.add("");
        secrets.add("dG9rB2I3MHCBOjEyMw==");
        assert_eq!(request_id("b2i3mhcboc6pcbe33q80", &secrets), None);
        assert_eq!(
            request_id("004qkagkoq5kktea5hdg", &secrets),
            Some("004qkagkoq5kktea5hdg")
        );
        let mut short = Secrets::default();
        short.add("q80");
        assert_eq!(request_id("b2i3mhcboc6pcbe33q80", &short), None);
        assert_eq!(format!("{short:?}"), "Secrets");
    }
}
