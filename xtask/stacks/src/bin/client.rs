//! The same request through our blocking client, to compare with.

use intercom_blocking::http::Method;
use intercom_blocking::{ApiRequest, ClientBuilder};
use xtask_stacks::{Request, line, policy};

fn main() {
    let Request { method, .. } = Request::from_args();
    let path = std::env::args().nth(2).expect("a path");
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let builder = ClientBuilder::from_env().expect("valid settings");
    let client = builder.policy(policy()).build().expect("valid settings");
    match client.execute(ApiRequest::new(method, &path)) {
        Ok(_) => println!("done"),
        Err(error) => {
            eprintln!("{error}");
            let stop = error.stop().expect("a call that ended");
            let status = error.status().map(|status| status.as_u16());
            println!("{}", line(status, stop, error.may_have_been_applied()));
        }
    }
}
