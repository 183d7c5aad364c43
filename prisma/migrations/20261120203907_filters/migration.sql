-- CreateTable
CREATE TABLE "filter" (
    "id" UUID NOT NULL,
    "expression" TEXT NOT NULL,
    "sample_n" INTEGER NOT NULL,
    "snaplen" INTEGER NOT NULL,
    "ethernet" JSONB NOT NULL,
    "raw" JSONB,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "filter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "filter_set" (
    "number" SERIAL NOT NULL,
    "filter_ids" UUID[],
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "filter_set_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "host_filter_state" (
    "host_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "held" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "code" TEXT,
    "reason" TEXT,
    "log" TEXT,
    "ns_per_packet" DOUBLE PRECISION,
    "instructions" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "host_filter_state_pkey" PRIMARY KEY ("host_id")
);

-- AddForeignKey
ALTER TABLE "host_filter_state" ADD CONSTRAINT "host_filter_state_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;
