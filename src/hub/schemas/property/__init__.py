"""国有产权交易: trades in state-owned assets and equity."""
