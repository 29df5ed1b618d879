-- The table that consumer.ts fills: psql -f events.sql
-- json and not jsonb: an event may hold characters, such as \u0000, that jsonb refuses.
CREATE TABLE kev_events (
  id text PRIMARY KEY,
  delivery json NOT NULL
);
