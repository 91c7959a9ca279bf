-- +goose Up
CREATE TABLE lot (
    lot       TEXT   NOT NULL,
    owner     BIGINT NOT NULL,
    asset     TEXT   NOT NULL,
    amount    BIGINT NOT NULL,
    funder    TEXT   NOT NULL,
    unit_cost BIGINT NOT NULL,
    earned    BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    terms     TEXT   NOT NULL,
    active    BIGINT NOT NULL,
    from_lot  TEXT   NOT NULL,
    PRIMARY KEY (lot),
    CHECK (length(lot) = 48),
    CHECK (amount >= 0),
    CHECK (unit_cost >= 0)
);

CREATE INDEX lot_owner ON lot (owner, asset, lot);

-- Places: 1 issued, 2 at HQ, 3 at a terminal, 4 in flight, 5 spent, 6 risk, 7 clawed, 8 reinstated, 9 reissued,
-- 10 written off, 11 expired, 12 netted, 70 late: what a decommissioned terminal awarded. The others above 40 stand for
-- the one that is 40 lower: what left it and is awaited there, negative. Numbers that are not in use yet have room, so
-- that the next is no new table.
CREATE TABLE account (
    lot         TEXT   NOT NULL REFERENCES lot (lot),
    place       BIGINT NOT NULL,
    terminal    BIGINT NOT NULL,
    incarnation TEXT   NOT NULL,
    amount      BIGINT NOT NULL,
    PRIMARY KEY (lot, place, terminal, incarnation),
    CHECK (place BETWEEN 1 AND 80),
    CHECK (place <> 2 OR terminal = 0),
    CHECK (place <> 3 OR terminal > 0),
    CHECK (place IN (1, 6, 8) OR place > 40 OR amount >= 0),
    CHECK (amount BETWEEN -1000000000000000000 AND 1000000000000000000)
);
