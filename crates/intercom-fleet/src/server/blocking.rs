//! The connection of a thread.

use ::redis::{Cmd, Connection, ConnectionLike, RedisResult, Value};

use super::{Link, Server, integers, is_unknown_script, trouble};
use crate::blocking::Script;
use crate::event::Trouble;

impl Link<Connection> {
    fn reply(&mut self, key: &str, arguments: &[Vec<u8>]) -> RedisResult<Value> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.server.open()?,
        };
        let mut query = |command: Cmd| connection.req_command(&command)?.extract_error();
        let mut reply = query(self.server.run_known(key, arguments));
        if reply.as_ref().is_err_and(is_unknown_script) {
            reply = query(Server::run_new(key, arguments));
        }
        let reply = reply?;
        self.connection = Some(connection);
        Ok(reply)
    }
}

impl Script for Link<Connection> {
    fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        let reply = self
            .reply(key, arguments)
            .map_err(|error| trouble(&error))?;
        integers(reply).inspect_err(|_| self.connection = None)
    }
}
