/**
 * Version 1. Rows point to one another by number, not by key: it takes fewer bytes in every index. `number` goes up
 * with each row, so mail in its order is mail in the order of its days.
 */
export const MIGRATION_1 = `
  CREATE TABLE calendar (service_day INTEGER NOT NULL, clock_day INTEGER NOT NULL) STRICT;

  -- A space without an id was closed: what is left of it goes a slice at a time.
  CREATE TABLE spaces (
    number INTEGER PRIMARY KEY,
    id BLOB UNIQUE,
    next_serial INTEGER NOT NULL,
    waiting INTEGER NOT NULL DEFAULT 0,
    waiting_bytes INTEGER NOT NULL DEFAULT 0,
    grants INTEGER NOT NULL DEFAULT 0,
    bundles INTEGER NOT NULL DEFAULT 0,
    bundle_bytes INTEGER NOT NULL DEFAULT 0,
    used_day INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX closed_spaces ON spaces (number) WHERE id IS NULL;

  -- One without a grant was revoked, and is kept until its mail is gone. ended_day is the day of service on which its
  -- grant was first seen as ended.
  CREATE TABLE depositors (
    number INTEGER PRIMARY KEY,
    space INTEGER NOT NULL,
    key BLOB NOT NULL,
    is_granted INTEGER NOT NULL,
    max_waiting INTEGER NOT NULL,
    max_waiting_bytes INTEGER NOT NULL,
    max_bundles INTEGER NOT NULL,
    expires_at_ms INTEGER,
    ended_day INTEGER,
    taken INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0,
    waiting_bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (space, key)
  ) STRICT;
  CREATE INDEX ending_grants ON depositors (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
  CREATE INDEX ended_grants ON depositors (ended_day) WHERE ended_day IS NOT NULL;

  CREATE TABLE mail (
    number INTEGER PRIMARY KEY,
    space INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    depositor INTEGER NOT NULL,
    id BLOB NOT NULL,
    day INTEGER NOT NULL,
    envelope BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX mail_by_serial ON mail (space, serial);
  CREATE UNIQUE INDEX mail_by_id ON mail (space, id, depositor);

  CREATE TABLE bundles (number INTEGER PRIMARY KEY, space INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
  CREATE INDEX bundles_by_space ON bundles (space);

  CREATE TABLE last_resorts (space INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
`;
