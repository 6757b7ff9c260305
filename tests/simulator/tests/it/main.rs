//! Tests the simulator against the documents it was written from, section by section, with the documents' own literals.

#[cfg(test)]
mod consent;
#[cfg(test)]
mod data_sources;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod events;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod minting;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod webhooks;
