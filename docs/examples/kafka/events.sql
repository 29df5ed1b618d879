-- The table that consumer.ts fills: psql -f events.sql
CREATE TABLE kev_events (
  id text PRIMARY KEY,
  delivery jsonb NOT NULL
);
