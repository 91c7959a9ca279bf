-- +goose Up
-- Places above 40 stand for the one that is 40 lower: what left it and is awaited there, negative. 70 is late: what a decommissioned terminal awarded.
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
