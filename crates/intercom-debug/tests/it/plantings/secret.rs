//! What is planted: a value that must not come out, in one of the encodings.

use super::encoding::ENCODINGS;
use super::random::Random;

/// Names that are also ordinary words or codes of languages, and others.
const NAMES: &[&str] = &[
    "Mark",
    "Grant",
    "May",
    "Will",
    "Rose",
    "Bill",
    "Frank",
    "Grace",
    "Hope",
    "Joy",
    "Chase",
    "Hunter",
    "Mason",
    "Dean",
    "Drew",
    "Jean",
    "Art",
    "Sue",
    "Ada Lovelace",
    "Grace Hopper",
    "Mark Grant",
    "May Will",
    "Nguyễn Thị Minh",
    "Jürgen Müller",
    "Siobhán O'Brien",
    "José García",
    "王小芳",
    "Мария Иванова",
    "Anne-Marie Lefèvre",
    "van der Berg",
    "Job Page",
    "Wei Long",
    "Young Kim",
];

/// Kinds of which any six characters in a row are a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ClientSecret,
    ContactId,
    Email,
    Message,
    Name,
    Phone,
    Token,
}

#[derive(Clone, Debug)]
pub(super) struct Secret {
    pub(super) kind: Kind,
    /// The value.
    pub(super) value: String,
    /// The part of the value that occurs nowhere else: the value itself, but for a message one of its words.
    pub(super) unique: String,
    /// As it is planted.
    pub(super) encoded: String,
}

impl Secret {
    pub(super) fn random(random: &mut Random) -> Self {
        const KINDS: &[Kind] = &[
            Kind::ClientSecret,
            Kind::ContactId,
            Kind::Email,
            Kind::Message,
            Kind::Name,
            Kind::Phone,
            Kind::Token,
        ];
        let kind = random.of(KINDS);
        let (value, unique) = value(kind, random);
        let encode = random.of(ENCODINGS);
        Self {
            kind,
            encoded: encode(&value),
            value,
            unique,
        }
    }
}

fn value(kind: Kind, random: &mut Random) -> (String, String) {
    const HEX: &str = "0123456789abcdef";
    const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let whole = |value: String| (value.clone(), value);
    match kind {
        Kind::ClientSecret => {
            let parts = [8, 4, 4, 4, 12].map(|len| random.text(HEX, len));
            whole(parts.join("-"))
        }
        Kind::ContactId => whole(random.text(HEX, 24)),
        Kind::Email => {
            let word = word(random);
            let value = format!("{word}.{}@{word}.example", random.text("0123456789", 2));
            (value, word)
        }
        Kind::Message => {
            let word = word(random);
            const TEXTS: &[&str] = &[
                "Hi, my {} never arrived, please send the money back!",
                "the request of {} failed with status 500 again",
                "{}: why is my contact page not found?",
                "Can you update the phone number of {} to the new one",
            ];
            (random.of(TEXTS).replace("{}", &word), word)
        }
        Kind::Name => whole(random.of(NAMES).to_owned()),
        Kind::Phone => whole(phone(random)),
        Kind::Token => whole(format!("{}=", random.text(BASE64, 59))),
    }
}

/// A word that is in no language and in no other place.
fn word(random: &mut Random) -> String {
    (0..5)
        .map(|_| random.text("jkqvxz", 1) + &random.text("aeiouy", 1))
        .collect()
}

/// In the groups of several countries.
fn phone(random: &mut Random) -> String {
    const FORMS: &[&str] = &[
        "+1 ### ### ####",
        "(###) ###-####",
        "+49 ### #######",
        "06 ## ## ## ##",
        "###-###-####",
        "+44 ## #### ####",
        "##########",
        "### ### ###",
        "+91 ##### #####",
        "1-###-###-####",
        "###.###.####",
    ];
    let form = random.of(FORMS);
    form.chars()
        .map(|char| {
            if char == '#' {
                char::from(b'2' + random.below(8) as u8)
            } else {
                char
            }
        })
        .collect()
}
