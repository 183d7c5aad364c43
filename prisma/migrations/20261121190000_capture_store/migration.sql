-- What a capture has so far, kept beside its limits: the row is locked while batches are added, so the cut is exact.
ALTER TABLE "capture"
    ADD COLUMN "packets" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "bytes" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "batches" BIGINT NOT NULL DEFAULT 0;
CREATE INDEX "capture_running_idx" ON "capture" ("id") WHERE "ended_at" IS NULL;

-- A record batch's records that a capture took, as they came (SPEC 2.6), committed with the batch. Written by COPY.
-- Numbers are in the order of their commits, without gaps: who read up to one number finds all that came later behind it.
DROP TABLE "capture_batch";
CREATE TABLE "capture_batch" (
    "capture_id" UUID NOT NULL,
    "number" BIGINT NOT NULL,
    "host_id" UUID NOT NULL,
    -- The first and the last packet's time, the hub's, ns since 1970; and what turns the records' boot time into it.
    "first_ns" BIGINT NOT NULL,
    "last_ns" BIGINT NOT NULL,
    "boot_to_wall_ns" BIGINT NOT NULL,
    "packets" INTEGER NOT NULL,
    "records" BYTEA NOT NULL,
    CONSTRAINT "capture_batch_pkey" PRIMARY KEY ("capture_id", "number")
);
ALTER TABLE "capture_batch" ALTER COLUMN "records" SET STORAGE EXTERNAL;
CREATE INDEX "capture_batch_time_idx" ON "capture_batch" ("capture_id", "first_ns", "number");
ALTER TABLE "capture_batch" ADD CONSTRAINT "capture_batch_capture_id_fkey" FOREIGN KEY ("capture_id") REFERENCES "capture" ("id") ON DELETE CASCADE;
