-- +goose Up
INSERT INTO account (lot, place, terminal, incarnation, amount)
SELECT lot, place, terminal, incarnation, amount FROM account_settled;
