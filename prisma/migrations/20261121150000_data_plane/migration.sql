-- AlterTable
ALTER TABLE "host" ADD COLUMN     "number" SERIAL NOT NULL;

-- AlterTable
ALTER TABLE "enrolment_token" ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "interface" ADD COLUMN     "addresses" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "host_label" (
    "host_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "host_label_pkey" PRIMARY KEY ("host_id","key","source")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "scope" JSONB,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "address_name" (
    "address" TEXT NOT NULL,
    "name" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "address_name_pkey" PRIMARY KEY ("address")
);

-- CreateIndex
CREATE UNIQUE INDEX "host_number_key" ON "host"("number");

-- CreateIndex
CREATE INDEX "host_label_key_value_idx" ON "host_label"("key", "value");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE INDEX "api_token_created_at_idx" ON "api_token"("created_at");

-- CreateIndex
CREATE INDEX "address_name_expires_at_idx" ON "address_name"("expires_at");

-- AddForeignKey
ALTER TABLE "host_label" ADD CONSTRAINT "host_label_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Flow records anew, 108 bytes a row with IPv4 addresses (docs/adr/0007): what an early hub had stored of them is dropped.
-- at: hub time at which the record was written; first_ms and last_ms: how long before that its first and last packet came.
-- host: host.number. vlan: the id, -1 without a tag. tunnel_id: the wire's u32 as the signed number of the same 32 bits.
-- Protocol, flags, direction, tunnel, verdict and end reason as on the wire (SPEC 2.10).
DROP TABLE "flow_records";
CREATE TABLE "flow_records" (
    "at" TIMESTAMPTZ(6) NOT NULL,
    "bytes" BIGINT NOT NULL,
    "frames" INTEGER NOT NULL,
    "packets" INTEGER NOT NULL,
    "first_ms" INTEGER NOT NULL,
    "last_ms" INTEGER NOT NULL,
    "host" INTEGER NOT NULL,
    "interface_id" INTEGER NOT NULL,
    "source_port" INTEGER NOT NULL,
    "destination_port" INTEGER NOT NULL,
    "tunnel_id" INTEGER NOT NULL,
    "vlan" SMALLINT NOT NULL,
    "vlan_inner" SMALLINT NOT NULL,
    "protocol" SMALLINT NOT NULL,
    "tcp_flags" SMALLINT NOT NULL,
    "direction" "char" NOT NULL,
    "tunnel" "char" NOT NULL,
    "verdict" "char" NOT NULL,
    "end_reason" "char" NOT NULL,
    "source_address" INET NOT NULL,
    "destination_address" INET NOT NULL
) PARTITION BY RANGE ("at");
-- Sixteen pages hold some 1,200 rows, often of one batch; the filters are sized for as many different values as were seen there.
CREATE INDEX "flow_records_brin" ON "flow_records" USING BRIN ("at",
    "source_address" inet_bloom_ops (n_distinct_per_range = 600, false_positive_rate = 0.01),
    "destination_address" inet_bloom_ops (n_distinct_per_range = 600, false_positive_rate = 0.01),
    "source_port" int4_bloom_ops (n_distinct_per_range = 600, false_positive_rate = 0.01),
    "destination_port" int4_bloom_ops (n_distinct_per_range = 600, false_positive_rate = 0.01),
    "host" int4_bloom_ops (n_distinct_per_range = 16)) WITH (pages_per_range = 16);

-- Sums of flow records; at is the start of the bucket, one row for each bucket and key.
CREATE TABLE "flow_counters_1m" (
    "at" TIMESTAMPTZ(6) NOT NULL,
    "flows" BIGINT NOT NULL,
    "frames" BIGINT NOT NULL,
    "packets" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "host" INTEGER NOT NULL,
    "interface_id" INTEGER NOT NULL,
    "protocol" SMALLINT NOT NULL,
    "direction" "char" NOT NULL,
    "verdict" "char" NOT NULL
) PARTITION BY RANGE ("at");
CREATE TABLE "flow_counters_10m" (LIKE "flow_counters_1m") PARTITION BY RANGE ("at");
CREATE TABLE "flow_counters_1h" (LIKE "flow_counters_1m") PARTITION BY RANGE ("at");

-- Sampled packets without their bytes, kept where an operator asks for it. Columns as in flow_records and on the wire (SPEC 2.6).
CREATE TABLE "packet_records" (
    "at" TIMESTAMPTZ(6) NOT NULL,
    "matched" BIGINT NOT NULL,
    "filter_set" INTEGER NOT NULL,
    "sample_n" INTEGER NOT NULL,
    "wire_len" INTEGER NOT NULL,
    "host" INTEGER NOT NULL,
    "interface_id" INTEGER NOT NULL,
    "source_port" INTEGER NOT NULL,
    "destination_port" INTEGER NOT NULL,
    "vlan" SMALLINT NOT NULL,
    "protocol" SMALLINT NOT NULL,
    "tcp_flags" SMALLINT NOT NULL,
    "direction" "char" NOT NULL,
    "tunnel" "char" NOT NULL,
    "verdict" "char" NOT NULL,
    "malformed" "char" NOT NULL,
    "source_address" INET,
    "destination_address" INET
) PARTITION BY RANGE ("at");
CREATE INDEX "packet_records_at_idx" ON "packet_records" USING BRIN ("at");

-- Coarser sums of the counters, likewise: interval_ns is how much time of the bucket was counted, boot_ns the last one's.
CREATE TABLE "interface_counters_10s" (LIKE "interface_counters") PARTITION BY RANGE ("at");
CREATE TABLE "interface_counters_1m" (LIKE "interface_counters") PARTITION BY RANGE ("at");
CREATE TABLE "interface_counters_1h" (LIKE "interface_counters") PARTITION BY RANGE ("at");
CREATE TABLE "filter_counters_10s" (LIKE "filter_counters") PARTITION BY RANGE ("at");
CREATE TABLE "filter_counters_1m" (LIKE "filter_counters") PARTITION BY RANGE ("at");
CREATE TABLE "filter_counters_1h" (LIKE "filter_counters") PARTITION BY RANGE ("at");

-- What a level still lacks: written in the transaction of the finer rows, taken out and added up in one as well.
CREATE TABLE "flow_counters_1m_due" (LIKE "flow_counters_1m");
CREATE TABLE "flow_counters_10m_due" (LIKE "flow_counters_10m");
CREATE TABLE "flow_counters_1h_due" (LIKE "flow_counters_1h");
CREATE TABLE "interface_counters_10s_due" (LIKE "interface_counters_10s");
CREATE TABLE "interface_counters_1m_due" (LIKE "interface_counters_1m");
CREATE TABLE "interface_counters_1h_due" (LIKE "interface_counters_1h");
CREATE TABLE "filter_counters_10s_due" (LIKE "filter_counters_10s");
CREATE TABLE "filter_counters_1m_due" (LIKE "filter_counters_1m");
CREATE TABLE "filter_counters_1h_due" (LIKE "filter_counters_1h");

-- What an early hub had counted is due in full.
INSERT INTO "interface_counters_10s_due" SELECT * FROM "interface_counters";
INSERT INTO "filter_counters_10s_due" SELECT * FROM "filter_counters";

CREATE INDEX "flow_counters_1m_at_idx" ON "flow_counters_1m" USING BRIN ("at");
CREATE UNIQUE INDEX "flow_counters_1m_key" ON "flow_counters_1m" ("host", "at", "interface_id", "protocol", "direction", "verdict");
CREATE INDEX "flow_counters_10m_at_idx" ON "flow_counters_10m" USING BRIN ("at");
CREATE UNIQUE INDEX "flow_counters_10m_key" ON "flow_counters_10m" ("host", "at", "interface_id", "protocol", "direction", "verdict");
CREATE INDEX "flow_counters_1h_at_idx" ON "flow_counters_1h" USING BRIN ("at");
CREATE UNIQUE INDEX "flow_counters_1h_key" ON "flow_counters_1h" ("host", "at", "interface_id", "protocol", "direction", "verdict");
CREATE INDEX "interface_counters_10s_at_idx" ON "interface_counters_10s" USING BRIN ("at");
CREATE UNIQUE INDEX "interface_counters_10s_key" ON "interface_counters_10s" ("host_id", "at", "interface_id");
CREATE INDEX "interface_counters_1m_at_idx" ON "interface_counters_1m" USING BRIN ("at");
CREATE UNIQUE INDEX "interface_counters_1m_key" ON "interface_counters_1m" ("host_id", "at", "interface_id");
CREATE INDEX "interface_counters_1h_at_idx" ON "interface_counters_1h" USING BRIN ("at");
CREATE UNIQUE INDEX "interface_counters_1h_key" ON "interface_counters_1h" ("host_id", "at", "interface_id");
CREATE INDEX "filter_counters_10s_at_idx" ON "filter_counters_10s" USING BRIN ("at");
CREATE UNIQUE INDEX "filter_counters_10s_key" ON "filter_counters_10s" ("host_id", "at", "filter_set", "bit");
CREATE INDEX "filter_counters_1m_at_idx" ON "filter_counters_1m" USING BRIN ("at");
CREATE UNIQUE INDEX "filter_counters_1m_key" ON "filter_counters_1m" ("host_id", "at", "filter_set", "bit");
CREATE INDEX "filter_counters_1h_at_idx" ON "filter_counters_1h" USING BRIN ("at");
CREATE UNIQUE INDEX "filter_counters_1h_key" ON "filter_counters_1h" ("host_id", "at", "filter_set", "bit");

-- Up to when a level holds all that was committed before it was last added to.
CREATE TABLE "rollup_mark" (
    "level" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "rollup_mark_pkey" PRIMARY KEY ("level")
);
