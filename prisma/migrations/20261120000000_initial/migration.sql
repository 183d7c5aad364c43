-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "via_link" BOOLEAN NOT NULL DEFAULT false,
    "user_id" TEXT NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "user_id" TEXT NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "last_request" BIGINT NOT NULL,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "admin_link" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "admin_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "host" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "passport" JSONB,
    "kernel" TEXT,
    "os" TEXT,
    "agent_version" TEXT,
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "enrolment_token" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "note" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "host_id" UUID,

    CONSTRAINT "enrolment_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_credential" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "host_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_credential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "interface" (
    "id" SERIAL NOT NULL,
    "host_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "ifindex" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "mac" TEXT,
    "mtu" INTEGER NOT NULL,
    "up" BOOLEAN NOT NULL,
    "hook" TEXT NOT NULL,
    "reason" TEXT,
    "present" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "interface_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_stream" (
    "host_id" UUID NOT NULL,
    "boot_id" UUID NOT NULL,
    "stream" BIGINT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "records_seq" BIGINT NOT NULL DEFAULT 0,
    "counters_seq" BIGINT NOT NULL DEFAULT 0,
    "sample_n" BIGINT NOT NULL DEFAULT 1,
    "snaplen" INTEGER NOT NULL DEFAULT 0,
    "seen" BIGINT NOT NULL DEFAULT 0,
    "unmatched" BIGINT NOT NULL DEFAULT 0,
    "sampled_out" BIGINT NOT NULL DEFAULT 0,
    "ring_lost" BIGINT NOT NULL DEFAULT 0,
    "delivered" BIGINT NOT NULL DEFAULT 0,
    "queue_lost" BIGINT NOT NULL DEFAULT 0,
    "stored" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "agent_stream_pkey" PRIMARY KEY ("host_id","boot_id","stream")
);

-- CreateTable
CREATE TABLE "batch_refusal" (
    "host_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "batches" BIGINT NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "batch_refusal_pkey" PRIMARY KEY ("host_id","code")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "detail" JSONB,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_provider_id_account_id_key" ON "account"("provider_id", "account_id");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "rate_limit_key_key" ON "rate_limit"("key");

-- CreateIndex
CREATE UNIQUE INDEX "admin_link_hash_key" ON "admin_link"("hash");

-- CreateIndex
CREATE INDEX "host_enrolled_at_id_idx" ON "host"("enrolled_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_token_hash_key" ON "enrolment_token"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_token_host_id_key" ON "enrolment_token"("host_id");

-- CreateIndex
CREATE INDEX "enrolment_token_created_at_idx" ON "enrolment_token"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "agent_credential_hash_key" ON "agent_credential"("hash");

-- CreateIndex
CREATE INDEX "agent_credential_host_id_idx" ON "agent_credential"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "interface_host_id_name_key" ON "interface"("host_id", "name");

-- CreateIndex
CREATE INDEX "agent_stream_host_id_since_idx" ON "agent_stream"("host_id", "since");

-- CreateIndex
CREATE INDEX "audit_event_at_idx" ON "audit_event"("at");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_credential" ADD CONSTRAINT "agent_credential_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "interface" ADD CONSTRAINT "interface_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_stream" ADD CONSTRAINT "agent_stream_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "batch_refusal" ADD CONSTRAINT "batch_refusal_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Series, outside Prisma's schema: one row per interface and interval, both directions, NULL for zero.
-- The columns are apps/web/src/server/store/counter-columns.ts; daily partitions are made by the hub.
-- at: hub time of the interval's end; boot_ns: the same moment in the host's CLOCK_BOOTTIME, as sent.
CREATE TABLE "interface_counters" (
    "at" TIMESTAMPTZ(6) NOT NULL,
    "host_id" UUID NOT NULL,
    "interface_id" INTEGER NOT NULL,
    "interval_ns" BIGINT NOT NULL,
    "boot_ns" BIGINT NOT NULL,
    "rx_tcp4_frames" BIGINT,
    "rx_tcp4_packets" BIGINT,
    "rx_tcp4_bytes" BIGINT,
    "rx_udp4_frames" BIGINT,
    "rx_udp4_packets" BIGINT,
    "rx_udp4_bytes" BIGINT,
    "rx_icmp4_frames" BIGINT,
    "rx_icmp4_packets" BIGINT,
    "rx_icmp4_bytes" BIGINT,
    "rx_ip4_other_frames" BIGINT,
    "rx_ip4_other_packets" BIGINT,
    "rx_ip4_other_bytes" BIGINT,
    "rx_tcp6_frames" BIGINT,
    "rx_tcp6_packets" BIGINT,
    "rx_tcp6_bytes" BIGINT,
    "rx_udp6_frames" BIGINT,
    "rx_udp6_packets" BIGINT,
    "rx_udp6_bytes" BIGINT,
    "rx_icmp6_frames" BIGINT,
    "rx_icmp6_packets" BIGINT,
    "rx_icmp6_bytes" BIGINT,
    "rx_ip6_other_frames" BIGINT,
    "rx_ip6_other_packets" BIGINT,
    "rx_ip6_other_bytes" BIGINT,
    "rx_arp_frames" BIGINT,
    "rx_arp_packets" BIGINT,
    "rx_arp_bytes" BIGINT,
    "rx_other_frames" BIGINT,
    "rx_other_packets" BIGINT,
    "rx_other_bytes" BIGINT,
    "rx_unmatched" BIGINT,
    "rx_sampled_out" BIGINT,
    "rx_ring_lost" BIGINT,
    "rx_delivered" BIGINT,
    "rx_malformed" BIGINT,
    "tx_tcp4_frames" BIGINT,
    "tx_tcp4_packets" BIGINT,
    "tx_tcp4_bytes" BIGINT,
    "tx_udp4_frames" BIGINT,
    "tx_udp4_packets" BIGINT,
    "tx_udp4_bytes" BIGINT,
    "tx_icmp4_frames" BIGINT,
    "tx_icmp4_packets" BIGINT,
    "tx_icmp4_bytes" BIGINT,
    "tx_ip4_other_frames" BIGINT,
    "tx_ip4_other_packets" BIGINT,
    "tx_ip4_other_bytes" BIGINT,
    "tx_tcp6_frames" BIGINT,
    "tx_tcp6_packets" BIGINT,
    "tx_tcp6_bytes" BIGINT,
    "tx_udp6_frames" BIGINT,
    "tx_udp6_packets" BIGINT,
    "tx_udp6_bytes" BIGINT,
    "tx_icmp6_frames" BIGINT,
    "tx_icmp6_packets" BIGINT,
    "tx_icmp6_bytes" BIGINT,
    "tx_ip6_other_frames" BIGINT,
    "tx_ip6_other_packets" BIGINT,
    "tx_ip6_other_bytes" BIGINT,
    "tx_arp_frames" BIGINT,
    "tx_arp_packets" BIGINT,
    "tx_arp_bytes" BIGINT,
    "tx_other_frames" BIGINT,
    "tx_other_packets" BIGINT,
    "tx_other_bytes" BIGINT,
    "tx_unmatched" BIGINT,
    "tx_sampled_out" BIGINT,
    "tx_ring_lost" BIGINT,
    "tx_delivered" BIGINT,
    "tx_malformed" BIGINT
) PARTITION BY RANGE ("at");

CREATE INDEX "interface_counters_at_idx" ON "interface_counters" USING BRIN ("at");
CREATE INDEX "interface_counters_host_id_at_idx" ON "interface_counters" ("host_id", "at");
