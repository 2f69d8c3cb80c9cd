//! Servers that send nonsense: nothing breaks, and no request waits for ever.

use intercom_errors::RateLimit;
use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};

use super::model::{EPOCH, at, wait_for};

/// A response. Its times are relative to the server's clock.
#[derive(Clone, Debug)]
struct Nonsense {
    limit: Option<String>,
    remaining: Option<String>,
    /// Seconds ahead of the server's clock, or a string that is sent unchanged.
    reset: Option<Result<i64, String>>,
    date: Option<Result<i64, String>>,
    status: u16,
    latency: f64,
}

fn number() -> impl Strategy<Value = Option<String>> {
    let texts = prop_oneof![
        Just("0".to_owned()),
        Just(u64::MAX.to_string()),
        Just(u32::MAX.to_string()),
        Just("-1".to_owned()),
        Just("soon".to_owned()),
        (0_u32..200).prop_map(|count| count.to_string()),
    ];
    proptest::option::weighted(0.9, texts)
}

fn time() -> impl Strategy<Value = Option<Result<i64, String>>> {
    let times = prop_oneof![
        3 => (-2_i64..15).prop_map(Ok),
        1 => (-4000_i64..4000).prop_map(Ok),
        1 => Just(Ok(3600)),
        1 => Just(Err("0".to_owned())),
        1 => Just(Err(u64::MAX.to_string())),
        1 => Just(Err("1711100050000".to_owned())),
        1 => Just(Err("Mon, 32 Nov 10000 99:99:99 GMT".to_owned())),
    ];
    proptest::option::weighted(0.9, times)
}

fn nonsense() -> impl Strategy<Value = Nonsense> {
    let status = prop_oneof![6 => Just(200), 3 => Just(429), 1 => Just(401), 1 => Just(500)];
    (number(), number(), time(), time(), status, 0.0..1.0_f64).prop_map(
        |(limit, remaining, reset, date, status, latency)| Nonsense {
            limit,
            remaining,
            reset,
            date,
            status,
            latency,
        },
    )
}

impl Nonsense {
    fn answer(&self, seconds: f64) -> Answer {
        let server = EPOCH as i64 + seconds as i64;
        let reset = self.reset.as_ref().map(|reset| match reset {
            Ok(ahead) => (server + ahead).to_string(),
            Err(text) => text.clone(),
        });
        let date = self.date.as_ref().map(|date| match date {
            Ok(ahead) => {
                let since = core::time::Duration::from_secs((server + ahead) as u64);
                httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
            }
            Err(text) => text.clone(),
        });
        let headers = [
            ("X-RateLimit-Limit", self.limit.as_ref()),
            ("X-RateLimit-Remaining", self.remaining.as_ref()),
            ("X-RateLimit-Reset", reset.as_ref()),
            ("Date", date.as_ref()),
        ];
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.as_bytes())));
        Answer::new(RateLimit::from_headers(headers), self.status)
    }
}

/// Sends one request at a time, asks again after each wait, and returns the longest wait for a permit.
fn longest_wait(answers: &[Nonsense]) -> f64 {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (mut now, mut longest) = (0.0_f64, 0.0_f64);
    for answer in answers {
        let asked = now;
        let place = wait_for(&mut pacer, &mut now);
        longest = longest.max(now - asked);
        now += answer.latency;
        pacer.observe(place, &answer.answer(now), &at(now));
    }
    longest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// A window may last a minute, and wrong turns add at most two seconds.
    #[test]
    fn arbitrary_headers_delay_admission_by_at_most_a_minute(
        answers in proptest::collection::vec(nonsense(), 1..120),
    ) {
        let longest = longest_wait(&answers);
        prop_assert!(longest < 62.5, "waited {longest} s");
    }

    #[test]
    fn repeated_nonsense_delays_admission_by_at_most_a_minute(answer in nonsense(), times in 1_usize..100) {
        let longest = longest_wait(&vec![answer; times]);
        prop_assert!(longest < 62.5, "waited {longest} s");
    }

    #[test]
    fn any_time_may_be_given(ticks in proptest::collection::vec(any::<core::time::Duration>(), 1..20), answer in nonsense()) {
        let mut pacer = Pacer::new(PacerSettings::default());
        for tick in ticks {
            let now = intercom_retry::Moment::new(intercom_retry::Tick::new(tick));
            if let Admit::Go(place) = pacer.admit(&now) {
                pacer.observe(place, &answer.answer(1.0), &now);
            }
        }
    }
}

#[test]
fn resets_that_never_fit_a_window_delay_admission_by_at_most_a_window() {
    for (ahead, latency) in [(10, 15.0), (66, 0.1)] {
        let odd = Nonsense {
            limit: Some("50".to_owned()),
            remaining: Some("50".to_owned()),
            reset: Some(Ok(ahead)),
            date: Some(Ok(0)),
            status: 200,
            latency,
        };
        assert!(longest_wait(&vec![odd; 600]) < 11.0, "{ahead} s ahead");
    }
}

#[test]
fn refusals_pace_a_server_that_stops_sending_quota_headers() {
    let usual = Nonsense {
        limit: Some("50".to_owned()),
        remaining: Some("50".to_owned()),
        reset: Some(Ok(5)),
        date: Some(Ok(0)),
        status: 200,
        latency: 0.1,
    };
    let silent = Nonsense {
        limit: None,
        remaining: None,
        reset: None,
        ..usual.clone()
    };
    let mut answers = vec![usual; 3];
    answers.extend(vec![silent; 600]);
    assert!(longest_wait(&answers) < 11.0);
}

#[test]
fn distant_reset_without_a_date_does_not_hide_a_refusal() {
    let usual = Nonsense {
        limit: Some("50".to_owned()),
        remaining: Some("50".to_owned()),
        reset: Some(Ok(10)),
        date: Some(Ok(0)),
        status: 200,
        latency: 0.1,
    };
    let far = |ahead| Nonsense {
        reset: Some(Ok(ahead)),
        date: None,
        ..usual.clone()
    };
    let refused = Nonsense {
        remaining: Some("0".to_owned()),
        status: 429,
        ..usual.clone()
    };
    for ahead in [3_600, 100_000, 1_000_000_000] {
        let mut pacer = Pacer::new(PacerSettings::default());
        let mut now = 0.0_f64;
        let mut admit = |pacer: &mut Pacer| {
            let asked = now;
            loop {
                match pacer.admit(&at(now)) {
                    Admit::Go(place) => break (place, asked, now),
                    Admit::Wait(wait) => now += wait.as_secs_f64(),
                }
            }
        };
        for answer in [&usual, &far(ahead), &refused] {
            let (place, _, now) = admit(&mut pacer);
            pacer.observe(place, &answer.answer(now), &at(now));
        }
        let (_, asked, went) = admit(&mut pacer);
        let waited = went - asked;
        assert!(waited > 5.0, "{ahead} s ahead: waited {waited} s");
    }
}
