-- What a filter took while no agent read the ring is a class of the ledger of its own.
ALTER TABLE "agent_stream" ADD COLUMN     "no_reader" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "interface_counters" ADD COLUMN     "rx_no_reader" BIGINT;
ALTER TABLE "interface_counters" ADD COLUMN     "tx_no_reader" BIGINT;
