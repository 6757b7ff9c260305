//! Packs in Secrets Manager.

use std::collections::BTreeSet;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{Found, GrantsPart, Scheduled, StoreError, Unreadable, Version};
use uuid::Uuid;

use super::SecretsManagerStore;
use super::read::SecretVersion;
use super::scan::ScanResults;
use super::scheduled::has_ended;
use crate::document;
use crate::error::{CallError, CallErrorKind};
use crate::pack::{IsPacked, Pack, PackId, PackNumber, PackStore, PacksPage, RetiredSecret, StoredPack};

impl<C: Clock> SecretsManagerStore<C> {
    fn stored_pack(&self, id: &PackId, secret: &SecretVersion) -> Result<StoredPack, Unreadable> {
        match secret.text().and_then(|text| document::pack::read(id, text)) {
            Ok(pack) => Ok(StoredPack { pack, version: Version(secret.version.clone()) }),
            Err(defect) => Err(self.unreadable(&secret.name, defect)),
        }
    }

    fn stored_pack_by_name(&self, secret: &SecretVersion) -> Result<(PackId, StoredPack), Unreadable> {
        match self.names.pack_of(&secret.name) {
            Some(id) => self.stored_pack(&id, secret).map(|stored| (id, stored)),
            None => Err(self.unreadable(&secret.name, "not the name of a pack")),
        }
    }

    /// Reads the packs that the part shares with other parts.
    async fn list_shared_packs(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(PacksPage) + Send),
        deadline: Deadline,
    ) -> Result<(), CallError> {
        let GrantsPart::Initial { app, initial } = part else { return Ok(()) };
        let prefix = self.names.packs_of(&GrantsPart::App(app.clone()));
        let ids = PackNumber::shared_by(*initial).into_iter().map(|number| PackId { app: app.clone(), number });
        let names: Vec<String> = ids.map(|id| self.names.pack(&id)).collect();
        let read = |secret: &SecretVersion| self.stored_pack_by_name(secret);
        let mut results = ScanResults::new(&prefix, &read);
        self.add_by_name(&names, &mut results, deadline).await?;
        see(PacksPage { packs: results.items, unreadable: results.unreadable });
        Ok(())
    }

    async fn secret_set_aside(&self, id: &GrantId) -> Result<RetiredSecret, CallError> {
        let secret = match self.describe_secret(&self.names.grant(id)).await {
            Ok(secret) if secret.is_scheduled_for_deletion => secret,
            Ok(_) => return Ok(RetiredSecret::Changed),
            Err(error) if error.is(CallErrorKind::Absent) => return Ok(RetiredSecret::Changed),
            Err(error) => return Err(error),
        };
        if has_ended(secret.current.as_deref(), secret.description.as_deref()) {
            return Ok(RetiredSecret::Ended);
        }
        match secret.current {
            Some(version) => Ok(RetiredSecret::SetAside(Version(version))),
            None => Ok(RetiredSecret::Changed),
        }
    }
}

impl<C: Clock> PackStore for SecretsManagerStore<C> {
    async fn load_pack(&self, id: &PackId) -> Result<Option<StoredPack>, StoreError> {
        let name = self.names.pack(id);
        match self.current(&name).await? {
            Found::Absent => Ok(None),
            Found::Live(secret) => Ok(Some(self.stored_pack(id, &secret).map_err(StoreError::Unreadable)?)),
            Found::Retired => {
                let reason = "it is scheduled for deletion; restore it, because it holds grants";
                Err(StoreError::Unreadable(self.unreadable(&name, reason)))
            }
        }
    }

    fn has_room_for(&self, pack: &Pack) -> bool {
        document::pack::has_room_for(pack)
    }

    async fn save_pack(
        &self,
        id: &PackId,
        pack: &Pack,
        read: Option<&Version>,
        deadline: Deadline,
    ) -> Result<Version, StoreError> {
        let name = self.names.pack(id);
        let text = document::pack::write(id, pack);
        let text = self.checked_text(&name, text)?;
        let token = Uuid::new_v4().to_string();
        let Some(read) = read else {
            return self.create_named(&name, &id.app, None, &text, token, deadline).await;
        };
        let new = self.put_next(&name, &text, token, deadline).await?;
        self.promote(&name, read, &new, &text, deadline).await?;
        Ok(Version(new))
    }

    async fn list_packs(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(PacksPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        if let GrantsPart::Initial { initial, .. } = part
            && !initial.is_ascii_hexdigit()
        {
            return Ok(None);
        }
        self.list_shared_packs(part, see, deadline).await?;
        let read = |secret: &SecretVersion| self.stored_pack_by_name(secret);
        let mut see_page = |packs, unreadable| see(PacksPage { packs, unreadable });
        self.scan_pages(&self.names.packs_of(part), &read, &mut see_page, deadline).await
    }

    async fn retired_secret(&self, id: &GrantId) -> Result<RetiredSecret, StoreError> {
        Ok(self.secret_set_aside(id).await?)
    }

    async fn set_aside(&self, id: &GrantId, version: &Version, deadline: Deadline) -> Result<bool, StoreError> {
        let name = self.names.grant(id);
        let current = match self.describe_secret(&name).await {
            Ok(secret) if secret.is_scheduled_for_deletion => return Ok(false),
            Ok(secret) => secret.current,
            Err(error) if error.is(CallErrorKind::Absent) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if current.as_deref() != Some(version.0.as_str()) {
            return Ok(false);
        }
        match self.delete_secret(&name, deadline).await {
            Ok(()) => {}
            Err(error) if error.is(CallErrorKind::Absent) || error.is(CallErrorKind::State) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        match self.restore_if_replaced(&name, version, deadline).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn scheduled_in_error_unless(
        &self,
        part: &GrantsPart,
        is_packed: IsPacked<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Scheduled>, StoreError> {
        self.find_scheduled_in_error(&self.names.part(part), is_packed, deadline).await
    }

    async fn with_own_secret(
        &self,
        app: &AppName,
        ids: &[GrantId],
        deadline: Deadline,
    ) -> Result<BTreeSet<GrantId>, StoreError> {
        let prefix = self.names.grants_of(app);
        let names: Vec<String> = ids.iter().map(|id| self.names.grant(id)).collect();
        let read = |secret: &SecretVersion| Ok(self.names.grant_of(&secret.name));
        let mut results = ScanResults::new(&prefix, &read);
        self.add_by_name(&names, &mut results, deadline).await?;
        let refused = results.unreadable.iter().filter_map(Unreadable::grant);
        Ok(results.items.into_iter().flatten().chain(refused).collect())
    }
}
