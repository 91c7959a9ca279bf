-- +goose Up
-- What is at hand of a lot (places 2 to 4) names its owner, so that what a member has is found without
-- all that they ever had.
ALTER TABLE account ADD COLUMN owner BIGINT;

UPDATE account SET owner = (SELECT lot.owner FROM lot WHERE lot.lot = account.lot) WHERE place IN (2, 3, 4);

CREATE INDEX account_held ON account (owner, place) WHERE owner IS NOT NULL AND amount > 0;
