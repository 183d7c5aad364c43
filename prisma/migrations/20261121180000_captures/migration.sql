-- Filters are for the hosts a selector names; each host is told its own set.
ALTER TABLE "filter" ADD COLUMN "selector" JSONB;
ALTER TABLE "host" ADD COLUMN "filter_set" INTEGER NOT NULL DEFAULT 0;
UPDATE "host" SET "filter_set" = coalesce((SELECT max("number") FROM "filter_set"), 0);

CREATE TABLE "capture" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "filter_id" UUID NOT NULL,
    "snaplen" INTEGER NOT NULL,
    "reason" TEXT,
    "max_seconds" INTEGER NOT NULL,
    "max_packets" BIGINT NOT NULL,
    "max_bytes" BIGINT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    CONSTRAINT "capture_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "capture_filter_id_key" ON "capture" ("filter_id");
CREATE INDEX "capture_created_at_idx" ON "capture" ("created_at");
ALTER TABLE "capture" ADD CONSTRAINT "capture_filter_id_fkey" FOREIGN KEY ("filter_id") REFERENCES "filter" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "capture_host" (
    "capture_id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "end_reason" TEXT,
    "detail" TEXT,
    "snaplen" INTEGER,
    "sample_n" INTEGER NOT NULL DEFAULT 1,
    "boot_id" UUID,
    "until_ns" BIGINT,
    "boot_to_wall_ns" BIGINT,
    "clock_offset_ns" BIGINT,
    "clock_error_ns" BIGINT,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "packets" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "taken" BIGINT,
    CONSTRAINT "capture_host_pkey" PRIMARY KEY ("capture_id", "host_id")
);
CREATE INDEX "capture_host_host_id_idx" ON "capture_host" ("host_id");
ALTER TABLE "capture_host" ADD CONSTRAINT "capture_host_capture_id_fkey" FOREIGN KEY ("capture_id") REFERENCES "capture" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "capture_host" ADD CONSTRAINT "capture_host_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A record batch's records that a capture took, as they came (SPEC 2.6), committed with the batch. Written by COPY.
CREATE TABLE "capture_batch" (
    "capture_id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "boot_id" UUID NOT NULL,
    "stream" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "first_ns" BIGINT NOT NULL,
    "last_ns" BIGINT NOT NULL,
    "packets" INTEGER NOT NULL,
    "records" BYTEA NOT NULL,
    CONSTRAINT "capture_batch_pkey" PRIMARY KEY ("capture_id", "host_id", "boot_id", "stream", "sequence")
);
ALTER TABLE "capture_batch" ALTER COLUMN "records" SET STORAGE EXTERNAL;
ALTER TABLE "capture_batch" ADD CONSTRAINT "capture_batch_capture_id_fkey" FOREIGN KEY ("capture_id") REFERENCES "capture" ("id") ON DELETE CASCADE;

CREATE TABLE "saved_view" (
    "id" UUID NOT NULL,
    "screen" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "saved_view_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "saved_view_screen_name_key" ON "saved_view" ("screen", "name");
