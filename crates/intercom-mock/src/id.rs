//! Identifiers that look like Intercom's and are the same in every run.

/// Generates unique identifiers.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    objects: u64,
    requests: u64,
}

impl Ids {
    /// 24 hexadecimal digits, as for contacts and companies.
    pub(crate) fn object(&mut self) -> String {
        self.objects += 1;
        format!("6762f0dd{:016x}", self.objects)
    }

    /// Decimal digits, as for articles, conversations, tags and messages.
    pub(crate) fn number(&mut self) -> String {
        self.objects += 1;
        (1_000 + self.objects).to_string()
    }

    /// A UUID, as for requests.
    pub(crate) fn request(&mut self) -> String {
        self.requests += 1;
        let (high, low) = (scramble(self.requests), scramble(!self.requests));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

/// The finaliser of splitmix64: deterministic, but the results of consecutive numbers look unrelated.
fn scramble(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_recorded_shapes() {
        let mut ids = Ids::default();
        let id = ids.object();
        assert!(id.len() == 24 && id.chars().all(|c| c.is_ascii_hexdigit()));
        let request = ids.request();
        let groups: Vec<usize> = request.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{request}");
        assert_ne!(request, ids.request());
    }
}
