"""Market data from the network: the only place that asks for them."""
