//! The connection of a task.

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Cmd, RedisResult, Value};
use async_trait::async_trait;
use intercom_pace::fleet::Member;

use super::{CONNECT, Link, Server, integers, is_unknown_script, trouble};
use crate::event::Trouble;
use crate::tokio::Script;

impl Link<MultiplexedConnection> {
    async fn open(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(Member::TIMEOUT));
        let client = &self.server.client;
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    async fn reply(&mut self, key: &str, arguments: &[Vec<u8>]) -> RedisResult<Value> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        let mut query = async |command: Cmd| -> RedisResult<Value> {
            let reply = connection.send_packed_command(&command).await?;
            reply.extract_error()
        };
        let mut reply = query(self.server.run_known(key, arguments)).await;
        if reply.as_ref().is_err_and(is_unknown_script) {
            reply = query(Server::run_new(key, arguments)).await;
        }
        let reply = reply?;
        self.connection = Some(connection);
        Ok(reply)
    }
}

#[async_trait]
impl Script for Link<MultiplexedConnection> {
    async fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        let reply = self.reply(key, arguments).await;
        let reply = reply.map_err(|error| trouble(&error))?;
        integers(reply).inspect_err(|_| self.connection = None)
    }

    fn restarted(&mut self) {
        self.connection = None;
    }
}
