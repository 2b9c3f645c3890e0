//! `Health` on SQLite: one reader and the writer answer.

use app::port::{BoxFuture, Health};

use crate::failure::{Result, unavailable};
use crate::store::Store;

impl Health for Store {
    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let read = self.readers.run(|connection| {
                let answered = connection.query_row("select 1", [], |_| Ok(()));
                answered.map_err(unavailable)
            });
            read.await?;
            self.writer.run(|_| Ok(())).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_whose_writer_is_gone_is_not_healthy() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.check().await.is_ok());

        store.writer.close().unwrap();

        assert!(store.check().await.is_err());
    }

    #[tokio::test]
    async fn a_store_whose_readers_are_gone_is_not_healthy() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();

        store.readers.close();

        assert!(store.check().await.is_err());
    }
}
