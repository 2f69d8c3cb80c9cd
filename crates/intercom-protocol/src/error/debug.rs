//! The parts of an error that hold no personal data.

use core::fmt;

use intercom_retry::Failure;

use super::{Cause, Error};

/// Shows no path, message of the server or body, because all of these can contain personal data.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind());
        if let Some(target) = &self.0.target {
            out.field("request", target);
        }
        match &self.0.cause {
            Cause::Failed(Failure::Api(error)) => out.field("api", error),
            Cause::Failed(Failure::Fault(fault)) => out.field("fault", fault),
            Cause::Decode(decode) => out.field("status", &decode.status),
            Cause::Configuration(_) => out.field("problem", &self.message()),
            Cause::Invalid(items) => out.field("errors", items),
            Cause::Mismatch { field, .. } => out.field("field", field),
            Cause::NotStarted(why) => out.field("why", why),
            Cause::Writer(why) => out.field("why", why),
            Cause::Ambiguous(_) | Cause::Archived { .. } => &mut out,
        };
        out.field("attempts", &self.attempts().len())
            .field("stop", &self.stop())
            .finish_non_exhaustive()
    }
}
