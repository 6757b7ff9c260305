//! The store port over AWS Secrets Manager: documents, compare-and-swap, paging, cache.
