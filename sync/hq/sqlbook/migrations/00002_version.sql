-- +goose Up
INSERT INTO meta (name, value) VALUES ('version', '1')
ON CONFLICT (name) DO NOTHING;
