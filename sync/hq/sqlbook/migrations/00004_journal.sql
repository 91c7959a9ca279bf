-- +goose Up
CREATE TABLE stream (
    terminal    BIGINT NOT NULL,
    incarnation TEXT   NOT NULL,
    ordinal     BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    hash        TEXT   NOT NULL,
    received    BIGINT NOT NULL,
    PRIMARY KEY (terminal, incarnation),
    UNIQUE (terminal, ordinal),
    CHECK (terminal > 0),
    CHECK (ordinal > 0),
    CHECK (seq > 0)
);

CREATE TABLE entry (
    terminal    BIGINT NOT NULL,
    incarnation TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    hash        TEXT   NOT NULL,
    raw         TEXT   NOT NULL,
    received    BIGINT NOT NULL,
    parked      BIGINT NOT NULL,
    PRIMARY KEY (terminal, incarnation, seq),
    CHECK (terminal > 0),
    CHECK (seq > 0),
    CHECK (parked IN (0, 1))
);
