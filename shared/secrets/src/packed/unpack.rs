//! Giving all grants of an app secrets of their own again.

use std::collections::BTreeSet;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, OrgId};
use broker_core::port::{Found, GrantsPart, StoreError, Stored};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use super::{AT_ONCE, PackedStore};
use crate::pack::{PackId, PackStore, PacksPage, StoredPack};

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// Implements [`broker_core::port::Store::unpack`]. Empty packs stay: they say where to look.
    pub(super) async fn unpack_all(&self, app: &AppName, deadline: Deadline) -> Result<u32, StoreError> {
        let mut filled: Vec<PackId> = Vec::new();
        let mut see = |page: PacksPage| {
            let packs = page.packs.into_iter().filter(|(_, stored)| !stored.pack.is_empty());
            filled.extend(packs.map(|(id, _)| id));
        };
        let cut_short = self.secrets.list_packs(&GrantsPart::App(app.clone()), &mut see, deadline).await?;
        let mut unpacked = 0;
        for id in filled {
            if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                break;
            }
            if let Some(stored) = self.secrets.load_pack(&id).await? {
                unpacked += self.unpack_one(&id, stored, deadline).await?;
            }
        }
        match cut_short {
            Some(error) if unpacked == 0 => Err(error),
            _ => Ok(unpacked),
        }
    }

    async fn unpack_one(&self, id: &PackId, stored: StoredPack, deadline: Deadline) -> Result<u32, StoreError> {
        let StoredPack { pack, version } = stored;
        let restored = stream::iter(pack.records.clone()).map(|(org, record)| async move {
            match self.give_own_secret(&record, deadline).await {
                Ok(true) => Some(org),
                Ok(false) => None,
                Err(error) => {
                    let grant = &record.grant.id;
                    tracing::warn!(app = %grant.app, subject = %grant.subject, outcome = "failed", "{grant}: not unpacked: {error}");
                    None
                }
            }
        });
        let restored: BTreeSet<OrgId> =
            restored.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
        let mut rest = pack.clone();
        rest.records.retain(|org, _| !restored.contains(org));
        let unpacked = u32::try_from(pack.len() - rest.len()).unwrap_or(u32::MAX);
        if unpacked == 0 {
            return Ok(0);
        }
        match self.secrets.save_pack(id, &rest, Some(&version), deadline).await {
            Ok(_) => Ok(unpacked),
            // The next sweep finds their secrets, and takes them out.
            Err(StoreError::Conflict) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Whether the own secret of the record can be read afterwards.
    async fn give_own_secret(&self, record: &Stored, deadline: Deadline) -> Result<bool, StoreError> {
        let id = &record.grant.id;
        match self.secrets.load(id).await? {
            Found::Live(_) => Ok(true),
            Found::Absent => match self.secrets.create(&record.grant, deadline).await {
                Ok(_) => Ok(true),
                Err(StoreError::Conflict) => Ok(false),
                Err(error) => Err(error),
            },
            Found::Retired => self.restore_set_aside(id, &record.version, deadline).await,
        }
    }
}
