"""其他交易: public resources outside the five fields that the opinion names."""
