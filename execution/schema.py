"""The tables of the gateway's ledger; amounts are decimal text, instants RFC 3339."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS leases (
    account TEXT PRIMARY KEY, epoch INTEGER NOT NULL, holder TEXT NOT NULL, taken_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS consumed (
    request_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL, plan_hash TEXT NOT NULL,
    deployment_id TEXT UNIQUE NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deployments (
    deployment_id TEXT PRIMARY KEY REFERENCES consumed (deployment_id), account TEXT NOT NULL,
    plan TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS decisions (
    deployment_id TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL,
    bar_open INTEGER NOT NULL, tick INTEGER NOT NULL, decided_at TEXT NOT NULL,
    signal_at TEXT NOT NULL, is_done INTEGER NOT NULL DEFAULT 0, dropped TEXT NOT NULL,
    PRIMARY KEY (deployment_id, sequence)
);
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY, client_order_id TEXT UNIQUE NOT NULL, account TEXT NOT NULL,
    deployment_id TEXT NOT NULL, sequence INTEGER NOT NULL, leg TEXT NOT NULL,
    symbol TEXT NOT NULL, side TEXT NOT NULL, qty TEXT NOT NULL, purpose TEXT NOT NULL,
    due_tick INTEGER NOT NULL, is_slice INTEGER NOT NULL, state TEXT NOT NULL,
    price TEXT NOT NULL DEFAULT '', filled TEXT NOT NULL DEFAULT '0',
    attempts INTEGER NOT NULL DEFAULT 0, sent_at TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    FOREIGN KEY (deployment_id, sequence) REFERENCES decisions (deployment_id, sequence)
);
CREATE INDEX IF NOT EXISTS orders_by_state ON orders (account, state);
CREATE INDEX IF NOT EXISTS orders_by_time ON orders (account, sent_at);
CREATE TABLE IF NOT EXISTS assessments (
    client_order_id TEXT NOT NULL, attempt INTEGER NOT NULL, facts TEXT NOT NULL,
    findings TEXT NOT NULL, PRIMARY KEY (client_order_id, attempt)
);
CREATE TABLE IF NOT EXISTS fills (
    account TEXT NOT NULL, number INTEGER NOT NULL, client_order_id TEXT NOT NULL,
    symbol TEXT NOT NULL, side TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL,
    fee TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (account, number)
);
CREATE TABLE IF NOT EXISTS payments (
    account TEXT NOT NULL, number INTEGER NOT NULL, symbol TEXT NOT NULL, amount TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (account, number)
);
CREATE TABLE IF NOT EXISTS positions (
    account TEXT NOT NULL, symbol TEXT NOT NULL, qty TEXT NOT NULL, PRIMARY KEY (account, symbol)
);
CREATE TABLE IF NOT EXISTS kills (
    number INTEGER PRIMARY KEY, level TEXT NOT NULL, scope TEXT NOT NULL, principal TEXT NOT NULL,
    reason TEXT NOT NULL, at TEXT NOT NULL, cleared_at TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, principal TEXT NOT NULL,
    request_id TEXT NOT NULL, decision_id TEXT NOT NULL, plan_hash TEXT NOT NULL,
    body TEXT NOT NULL, at TEXT NOT NULL, journal_seq INTEGER
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (number) WHERE journal_seq IS NULL
"""
