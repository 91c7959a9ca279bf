-- +goose Up
ALTER TABLE account RENAME TO account_settled;
