-- +goose Up
-- Places: 1 issued, 2 at HQ, 3 at a terminal, 4 in flight, 5 spent, 6 risk, 7 clawed, 8 reinstated, 9 reissued,
-- 10 written off, 11 expired, 12 netted. Numbers that are not in use yet have room, so that the next is no new table.
CREATE TABLE account (
    lot         TEXT   NOT NULL REFERENCES lot (lot),
    place       BIGINT NOT NULL,
    terminal    BIGINT NOT NULL,
    incarnation TEXT   NOT NULL,
    amount      BIGINT NOT NULL,
    PRIMARY KEY (lot, place, terminal, incarnation),
    CHECK (place BETWEEN 1 AND 60),
    CHECK (place <> 2 OR terminal = 0),
    CHECK (place <> 3 OR terminal > 0),
    CHECK (place IN (1, 6, 8) OR amount >= 0),
    CHECK (amount BETWEEN -1000000000000000000 AND 1000000000000000000)
);
